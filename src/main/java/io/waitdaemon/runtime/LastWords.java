package io.waitdaemon.runtime;

import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import java.util.List;
import java.util.stream.Collectors;

/** What a waiter wrote before it failed, for the sentence that says that it did. */
public final class LastWords {

    private LastWords() {}

    /** @param lines of its log, JSON objects or plain text */
    public static String phrase(List<String> lines) {
        return lines.isEmpty()
                ? "; it wrote nothing"
                : "; it wrote: " + lines.stream().map(LastWords::message).collect(Collectors.joining(" | "));
    }

    /** What a log line says, without the rest of its JSON object. */
    private static String message(String line) {
        try {
            String message = Json.text(Json.object(line), "message");
            return message.isEmpty() ? line : message;
        } catch (JsonException e) {
            return line;
        }
    }
}
