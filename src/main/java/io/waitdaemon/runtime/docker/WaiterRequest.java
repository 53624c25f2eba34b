package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The request that creates the waiter. Nothing of the action is in it but the image, by id, the way to the engine, and
 * the user namespace, in which the engine's socket has the owner that the action has seen.
 */
final class WaiterRequest {

    private static final String SOCKET = "/run/docker.sock";
    private static final String CERTIFICATES = "/run/docker-certs";

    private WaiterRequest() {}

    /** What the waiter is told of the engine: {@link DockerProvider#reconnect} reads it. */
    static Map<String, String> engine(EngineAccess access) {
        return switch (access) {
            case EngineAccess.Socket socket -> Map.of("host", "unix://" + SOCKET);
            case EngineAccess.Network network -> {
                Map<String, String> engine = new HashMap<>();
                engine.put("host", network.uri().toString());
                network.certificates().ifPresent(folder -> engine.put("certificates", CERTIFICATES));
                yield engine;
            }
        };
    }

    /** @param action inspection of the action container */
    static JsonObject make(JsonObject action, HandoffPlan plan, EngineAccess access, ContainerId target) {
        JsonObjectBuilder labels = Json.PROVIDER.createObjectBuilder();
        plan.labels(HandoffPlan.Role.WAITER).forEach(labels::add);
        String order = plan.order(DockerProvider.NAME, engine(access), target).toJson();
        JsonObjectBuilder host = Json.PROVIDER
                .createObjectBuilder()
                .add("CapDrop", strings("ALL"))
                .add("SecurityOpt", strings("no-new-privileges"))
                .add("ReadonlyRootfs", true)
                .add("RestartPolicy", Json.PROVIDER.createObjectBuilder().add("Name", "on-failure"))
                .add("UsernsMode", Json.text(Json.object(action, "HostConfig"), "UsernsMode"));
        JsonArrayBuilder mounts = Json.PROVIDER.createArrayBuilder();
        switch (access) {
            case EngineAccess.Socket socket -> {
                mounts.add(bind(socket.engineSide(), SOCKET, false));
                host.add("NetworkMode", "none");
            }
            case EngineAccess.Network network -> {
                network.certificates().ifPresent(folder -> mounts.add(bind(folder, CERTIFICATES, true)));
                host.add("NetworkMode", Json.text(Json.object(action, "HostConfig"), "NetworkMode"));
            }
        }
        host.add("Mounts", mounts);
        return Json.PROVIDER
                .createObjectBuilder()
                .add("Image", Json.text(action, "Image"))
                .add("Cmd", strings(HandoffPlan.LAUNCH_COMMAND, order))
                .add("Env", plan.textLogs() ? strings("WAITDAEMON_LOG_FORMAT=text") : strings())
                .add("Labels", labels)
                .add("HostConfig", host)
                .build();
    }

    private static JsonObjectBuilder bind(String source, String target, boolean readOnly) {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("Type", "bind")
                .add("Source", source)
                .add("Target", target)
                .add("ReadOnly", readOnly);
    }

    private static JsonArrayBuilder strings(String... texts) {
        return Json.strings(List.of(texts));
    }
}
