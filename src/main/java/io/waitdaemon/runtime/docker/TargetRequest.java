package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.TargetEnvironment;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.Map;
import java.util.Set;

/**
 * Turns the inspection of the action container into the request that creates the target. What the user gave stays as
 * the engine has it, fields that this version has never heard of included; dropped is only what is listed here.
 *
 * @param body of {@code POST /containers/create}
 * @param furtherNetworks networks to connect the created container to, since engines below API 1.44 take only one
 *     in the body: network name to {@code EndpointConfig}
 */
record TargetRequest(JsonObject body, Map<String, JsonObject> furtherNetworks) {

    /** Fields of {@code Config} that describe an attached client, or are replaced below. */
    private static final Set<String> DROPPED_CONFIG = Set.of(
            "AttachStdin",
            "AttachStdout",
            "AttachStderr",
            "ArgsEscaped",
            "OnBuild",
            "Image",
            "Env",
            "Cmd",
            "Entrypoint",
            "Labels",
            "Hostname",
            "ExposedPorts",
            "Volumes");

    /** The engine's care for the action container, which is not the target's; links are written anew. */
    private static final Set<String> DROPPED_HOST_CONFIG =
            Set.of("RestartPolicy", "AutoRemove", "ContainerIDFile", "Links");

    /**
     * @param action inspection of the action container
     * @param ownImage {@code Config} of the image that the action container runs
     * @param engineHostname hostname of the engine's machine; only looked at with host networking
     */
    static TargetRequest derive(JsonObject action, JsonObject ownImage, HandoffPlan plan, String engineHostname) {
        JsonObject config = Json.object(action, "Config");
        JsonObject hostConfig = Json.object(action, "HostConfig");
        JsonObjectBuilder body = Json.PROVIDER.createObjectBuilder();
        config.forEach((name, value) -> {
            if (!DROPPED_CONFIG.contains(name) && !value.equals(ownImage.get(name))) {
                body.add(name, value);
            }
        });
        body.add("Image", plan.image().text());
        body.add("Env", Json.strings(TargetEnvironment.of(Json.texts(config, "Env"), Json.texts(ownImage, "Env"))));
        if (!plan.command().isEmpty()) {
            body.add("Cmd", Json.strings(plan.command()));
        }
        body.add("ExposedPorts", without(config, ownImage, "ExposedPorts"));
        body.add("Volumes", without(config, ownImage, "Volumes"));
        JsonObjectBuilder labels = Json.PROVIDER.createObjectBuilder(without(config, ownImage, "Labels"));
        plan.labels(HandoffPlan.Role.TARGET).forEach(labels::add);
        body.add("Labels", labels);
        hostname(action, engineHostname, body);

        JsonObjectBuilder host = Json.PROVIDER.createObjectBuilder();
        hostConfig.forEach((name, value) -> {
            if (!DROPPED_HOST_CONFIG.contains(name)) {
                host.add(name, value);
            }
        });
        host.add("Links", Json.strings(LegacyLinks.asRequested(Json.texts(hostConfig, "Links"))));
        body.add("HostConfig", host);

        TargetNetworks networks = TargetNetworks.derive(action);
        networks.first().ifPresent(first -> body.add("NetworkingConfig", first));
        return new TargetRequest(body.build(), networks.further());
    }

    /**
     * Keeps a hostname that the user chose. Engines fill the field in: with the short id, with the machine's hostname
     * under host networking, with the other container's under {@code container:} networking, where they also refuse
     * it in a request (runconfig, "conflicting options: hostname and the network mode").
     */
    private static void hostname(JsonObject action, String engineHostname, JsonObjectBuilder body) {
        String hostname = Json.text(Json.object(action, "Config"), "Hostname");
        JsonObject hostConfig = Json.object(action, "HostConfig");
        String network = Json.text(hostConfig, "NetworkMode");
        boolean refused = network.startsWith("container:")
                || Json.text(hostConfig, "UTSMode").equals("host");
        boolean generated = hostname.isEmpty()
                || hostname.equals(new ContainerId(Json.text(action, "Id")).shortForm())
                || (network.equals("host") && hostname.equals(engineHostname));
        if (!refused && !generated) {
            body.add("Hostname", hostname);
        }
        if (refused) {
            body.remove("Domainname");
        }
    }

    private static JsonObject without(JsonObject config, JsonObject ownImage, String field) {
        JsonObjectBuilder kept = Json.PROVIDER.createObjectBuilder();
        JsonObject defaults = Json.object(ownImage, field);
        Json.object(config, field).forEach((name, value) -> {
            if (!value.equals(defaults.get(name))) {
                kept.add(name, value);
            }
        });
        return kept.build();
    }

    /** The request as it may be logged: masked are the environment's values and those of log and volume driver options. */
    JsonObject masked() {
        JsonArrayBuilder names = Json.PROVIDER.createArrayBuilder();
        Json.texts(body, "Env").forEach(entry -> names.add(entry.split("=", 2)[0] + "=***"));
        return Json.PROVIDER
                .createObjectBuilder(body)
                .add("Env", (JsonValue) names.build())
                .add("HostConfig", maskedOptions(Json.object(body, "HostConfig")))
                .build();
    }

    /** Tokens and passwords of log services and network file systems are given as options of their drivers. */
    private static JsonObject maskedOptions(JsonObject host) {
        JsonObjectBuilder masked = Json.PROVIDER.createObjectBuilder();
        host.forEach((name, value) -> {
            switch (value) {
                case JsonObject options
                when name.equals("Config") || name.equals("Options") -> {
                    JsonObjectBuilder keys = Json.PROVIDER.createObjectBuilder();
                    options.keySet().forEach(key -> keys.add(key, "***"));
                    masked.add(name, keys);
                }
                case JsonObject further -> masked.add(name, maskedOptions(further));
                case JsonArray array
                when name.equals("Mounts") -> {
                    JsonArrayBuilder mounts = Json.PROVIDER.createArrayBuilder();
                    array.getValuesAs(JsonObject.class).forEach(mount -> mounts.add(maskedOptions(mount)));
                    masked.add(name, mounts);
                }
                default -> masked.add(name, value);
            }
        });
        return masked.build();
    }
}
