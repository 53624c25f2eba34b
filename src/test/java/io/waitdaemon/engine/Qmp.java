package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** QEMU's control socket (QEMU Machine Protocol, qemu.org, interop/qmp-spec). */
final class Qmp implements AutoCloseable {

    private final UnixConnection connection;
    private final BufferedReader answers;

    private Qmp(UnixConnection connection) {
        this.connection = connection;
        this.answers = new BufferedReader(new InputStreamReader(connection.input(), StandardCharsets.UTF_8));
    }

    static Qmp connect(Path socket) throws IOException {
        Qmp qmp = new Qmp(UnixConnection.open(socket));
        qmp.answers.readLine();
        qmp.execute("qmp_capabilities", JsonObject.EMPTY_JSON_OBJECT);
        return qmp;
    }

    void execute(String command) {
        execute(command, JsonObject.EMPTY_JSON_OBJECT);
    }

    /** A command of the monitor for people: snapshots have no other one that is as simple. Its complaints are errors here. */
    void monitor(String line) {
        String said = execute(
                        "human-monitor-command",
                        Json.createObjectBuilder().add("command-line", line).build())
                .getString("return");
        if (!said.isBlank()) {
            throw new AssertionError("QEMU answers '" + line + "' with: " + said.strip());
        }
    }

    private synchronized JsonObject execute(String command, JsonObject arguments) {
        JsonObject request = Json.createObjectBuilder()
                .add("execute", command)
                .add("arguments", arguments)
                .build();
        try {
            connection.write(request + "\n");
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                try (JsonReader reader = Json.createReader(new StringReader(line))) {
                    JsonObject answer = reader.readObject();
                    if (answer.containsKey("return")) {
                        return answer;
                    }
                    if (answer.containsKey("error")) {
                        throw new AssertionError("QEMU refuses " + request + ": " + answer);
                    }
                    // an event
                }
            }
            throw new IOException("QEMU has closed its control socket");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
