package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonObject;
import java.util.List;

/** What handoff and launch both ask of a container. */
final class DockerState {

    /** Go's zero time: how the engine writes "never". */
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private DockerState() {}

    /**
     * Whether nothing has ever been run in the container. A start that fails leaves no start time, so the status alone
     * would not do: it is {@code created} before and after.
     *
     * @param state {@code State} of an inspection
     */
    static boolean neverStarted(JsonObject state) {
        return Json.text(state, "StartedAt").equals(NEVER) && !Json.isTrue(state, "Running");
    }

    /** The last lines of output; empty when there are none or the logging driver cannot be read. */
    static List<String> lastLines(DockerApi api, ContainerId container, int count) {
        try {
            JsonObject inspection = api.get("/containers/" + container + "/json");
            boolean terminal = Json.isTrue(Json.object(inspection, "Config"), "Tty");
            String path = "/containers/" + container + "/logs?stdout=true&stderr=true&tail=" + count;
            return LogFrames.lines(api.getBytes(path), terminal);
        } catch (EngineException e) {
            return List.of();
        }
    }

    /** The containers, in any state, that have all these labels, each {@code NAME} or {@code NAME=value}. */
    static List<JsonObject> labelled(DockerApi api, String... labels) {
        JsonObject filters = Json.PROVIDER
                .createObjectBuilder()
                .add("label", Json.strings(List.of(labels)))
                .build();
        return api.getArray("/containers/json?all=true&filters=" + DockerApi.encode(filters.toString()))
                .getValuesAs(JsonObject.class);
    }

    /** @param force also when it runs; without it, a running container is left as it is and the engine refuses */
    static void remove(DockerApi api, ContainerId container, boolean force) {
        try {
            api.delete("/containers/" + container + "?v=true&force=" + force);
        } catch (EngineException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }
}
