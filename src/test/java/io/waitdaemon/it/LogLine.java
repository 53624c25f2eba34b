package io.waitdaemon.it;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.List;

/** One line of what waitdaemon wrote: a JSON object (SPEC §8). */
record LogLine(JsonObject json) {

    /** Every line; an {@link AssertionError} when one of them is no JSON object. */
    static List<LogLine> of(String log) {
        return log.lines().map(LogLine::parse).toList();
    }

    /** The one line with level ERROR; any other number of them is an {@link AssertionError}. */
    static LogLine error(String log) {
        List<LogLine> errors =
                of(log).stream().filter(line -> line.level().equals("ERROR")).toList();
        if (errors.size() != 1) {
            throw new AssertionError("Expected one line with an error but there are " + errors.size() + ":\n" + log);
        }
        return errors.getFirst();
    }

    String level() {
        return json.getString("level");
    }

    String message() {
        return json.getString("message");
    }

    JsonObject ids() {
        return json.getJsonObject("ids");
    }

    private static LogLine parse(String line) {
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return new LogLine(reader.readObject());
        } catch (JsonException e) {
            throw new AssertionError("Not a JSON object: " + line, e);
        }
    }
}
