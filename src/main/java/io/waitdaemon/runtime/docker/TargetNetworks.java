package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The networks of the target: those of the action with what the user asked for on each, and without what the engine
 * assigned.
 *
 * @param first {@code NetworkingConfig} for the network that {@code HostConfig.NetworkMode} names; empty when that is
 *     no user-defined network
 * @param further the others, name to {@code EndpointConfig}
 */
record TargetNetworks(Optional<JsonObject> first, Map<String, JsonObject> further) {

    /** Networks on which engines refuse addresses and aliases. */
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none", "default");

    /** What a user can ask for on a network; the rest of an endpoint is the engine's. */
    private static final List<String> REQUESTED = List.of("IPAMConfig", "Links", "DriverOpts", "GwPriority");

    static TargetNetworks derive(JsonObject action) {
        String mode = Json.text(Json.object(action, "HostConfig"), "NetworkMode");
        JsonObject attached = Json.object(Json.object(action, "NetworkSettings"), "Networks");
        Optional<JsonObject> first = Optional.empty();
        Map<String, JsonObject> further = new LinkedHashMap<>();
        for (String name : attached.keySet()) {
            JsonObject endpoint = Json.object(attached, name);
            if (PREDEFINED.contains(name)) {
                if (name.equals("bridge") && !PREDEFINED.contains(mode)) {
                    further.put(name, JsonValue.EMPTY_JSON_OBJECT);
                }
            } else if (chosenByMode(mode, name, attached)) {
                first = Optional.of(networkingConfig(mode, requested(action, endpoint)));
            } else {
                further.put(name, requested(action, endpoint));
            }
        }
        return new TargetNetworks(first, further);
    }

    /**
     * Whether the mode names this network, be it by its name, its id or the beginning of its id. For the last, engines
     * show the network twice: under the user's words and under its name (20.10).
     */
    private static boolean chosenByMode(String mode, String name, JsonObject attached) {
        String id = networkId(attached, name);
        String chosen = attached.containsKey(mode) ? networkId(attached, mode) : mode;
        return name.equals(mode) || (!chosen.isEmpty() && id.startsWith(chosen));
    }

    private static String networkId(JsonObject attached, String name) {
        return Json.text(Json.object(attached, name), "NetworkID");
    }

    private static JsonObject networkingConfig(String network, JsonObject endpoint) {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("EndpointsConfig", Json.PROVIDER.createObjectBuilder().add(network, endpoint))
                .build();
    }

    private static JsonObject requested(JsonObject action, JsonObject endpoint) {
        JsonObjectBuilder request = Json.PROVIDER.createObjectBuilder();
        for (String field : REQUESTED) {
            JsonValue value = endpoint.get(field);
            if (value != null && !value.equals(JsonValue.NULL)) {
                request.add(field, value);
            }
        }
        String generated = new ContainerId(Json.text(action, "Id")).shortForm();
        List<String> aliases = Json.texts(endpoint, "Aliases").stream()
                .filter(alias -> !alias.equals(generated))
                .toList();
        return request.add("Aliases", Json.strings(aliases)).build();
    }
}
