package io.waitdaemon.it;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What of a container is its user's? The whole of its inspection that tells how it was asked for, less what its image
 * sets and what the engine made up. Flat, so that a difference between two containers shows as a path and its value.
 */
final class UserSettings {

    private static final Set<String> NEVER_THE_SAME_CONFIG =
            Set.of("Image", "AttachStdin", "AttachStdout", "AttachStderr");

    private static final Set<String> NEVER_THE_SAME_HOST_CONFIG =
            Set.of("RestartPolicy", "AutoRemove", "ContainerIDFile");

    /** Of an endpoint, what is assigned when the container starts. */
    private static final Set<String> ASSIGNED = Set.of(
            "NetworkID",
            "EndpointID",
            "Gateway",
            "IPAddress",
            "IPPrefixLen",
            "IPv6Gateway",
            "GlobalIPv6Address",
            "GlobalIPv6PrefixLen",
            "MacAddress",
            "DNSNames");

    private static final Pattern GENERATED_VOLUME = Pattern.compile("[0-9a-f]{64}");
    private static final int SHORT_ID = 12;

    private final Map<String, String> flat = new TreeMap<>();
    private final String shortId;
    private final String name;

    private UserSettings(JsonObject container) {
        this.shortId = container.getString("Id").substring(0, SHORT_ID);
        this.name = container.getString("Name");
    }

    /**
     * Path to value; what is null or empty is not in it.
     *
     * @param image inspection of the image that the container runs
     */
    static Map<String, String> of(JsonObject container, JsonObject image) {
        UserSettings settings = new UserSettings(container);
        settings.config(container, image.getJsonObject("Config"));
        settings.hostConfig(container.getJsonObject("HostConfig"));
        settings.mounts(container.getJsonArray("Mounts"));
        settings.networks(container.getJsonObject("NetworkSettings").getJsonObject("Networks"));
        return settings.flat;
    }

    private void config(JsonObject container, JsonObject imageConfig) {
        JsonObject hostConfig = container.getJsonObject("HostConfig");
        boolean namedByOthers = hostConfig.getString("NetworkMode").startsWith("container:")
                || hostConfig.getString("UTSMode").equals("host");
        container.getJsonObject("Config").forEach((field, value) -> {
            JsonValue byImage = imageConfig.getOrDefault(field, JsonValue.NULL);
            boolean generatedName = field.equals("Hostname") && value.toString().equals('"' + shortId + '"');
            boolean othersName = namedByOthers && (field.equals("Hostname") || field.equals("Domainname"));
            if (NEVER_THE_SAME_CONFIG.contains(field) || value.equals(byImage) || generatedName || othersName) {
                return;
            }
            switch (field) {
                case "Env" -> environment((JsonArray) value, byImage);
                case "Labels", "Volumes", "ExposedPorts" -> addAllBut("/Config/" + field, value, byImage);
                default -> add("/Config/" + field, value);
            }
        });
        flat.keySet().removeIf(path -> path.startsWith("/Config/Labels/io.waitdaemon."));
    }

    private void environment(JsonArray entries, JsonValue byImage) {
        Set<JsonValue> defaults = new HashSet<>(byImage instanceof JsonArray array ? array : List.of());
        List<String> kept = entries.stream()
                .filter(entry -> !defaults.contains(entry))
                .map(UserSettings::text)
                .toList();
        addEntries("/Config/Env", kept);
    }

    /** In their order, and one by one, since the command line does not keep the order in which it was told. */
    private void addEntries(String path, List<String> entries) {
        flat.put(path, entries.toString());
        entries.forEach(entry -> flat.put(path + "/" + entry, "set"));
    }

    private void hostConfig(JsonObject hostConfig) {
        hostConfig.forEach((field, value) -> {
            if (field.equals("Binds") && value instanceof JsonArray binds) {
                addEntries(
                        "/HostConfig/Binds",
                        binds.stream().map(UserSettings::text).toList());
            } else if (!NEVER_THE_SAME_HOST_CONFIG.contains(field)) {
                add("/HostConfig/" + field, value);
            }
        });
        flat.replaceAll((path, value) ->
                path.startsWith("/HostConfig/Links/") ? value.replace(":" + name + "/", ":/(itself)/") : value);
    }

    private void mounts(JsonArray mounts) {
        List<JsonObject> sorted = new ArrayList<>(mounts.getValuesAs(JsonObject.class));
        sorted.sort(Comparator.comparing(mount -> mount.getString("Destination")));
        for (JsonObject mount : sorted) {
            boolean anonymous =
                    GENERATED_VOLUME.matcher(mount.getString("Name", "")).matches();
            mount.forEach((field, value) -> {
                if (!anonymous || !(field.equals("Name") || field.equals("Source"))) {
                    add("/Mounts/" + mount.getString("Destination") + "/" + field, value);
                }
            });
        }
    }

    private void networks(JsonObject networks) {
        networks.forEach((network, endpoint) -> {
            flat.put("/Networks/" + network, "attached");
            ((JsonObject) endpoint).forEach((field, value) -> {
                if (!ASSIGNED.contains(field)) {
                    add("/Networks/" + network + "/" + field, value);
                }
            });
        });
        flat.entrySet()
                .removeIf(entry ->
                        entry.getKey().contains("/Aliases/") && entry.getValue().equals(shortId));
    }

    private void addAllBut(String path, JsonValue value, JsonValue byImage) {
        if (value instanceof JsonObject object) {
            object.forEach((key, entry) -> {
                if (!(byImage instanceof JsonObject defaults && entry.equals(defaults.get(key)))) {
                    flat.put(path + "/" + key, text(entry));
                }
            });
        }
    }

    private void add(String path, List<JsonValue> values) {
        for (int i = 0; i < values.size(); i++) {
            add(path + "/" + i, values.get(i));
        }
    }

    private void add(String path, JsonValue value) {
        switch (value) {
            case JsonObject object -> object.forEach((key, member) -> add(path + "/" + key, member));
            case JsonArray array -> add(path, (List<JsonValue>) array);
            case JsonString string when string.getString().isEmpty() -> {}
            case JsonValue other when other.equals(JsonValue.NULL) -> {}
            case JsonValue other -> flat.put(path, text(other));
        }
    }

    private static String text(JsonValue value) {
        return value instanceof JsonString string ? string.getString() : value.toString();
    }
}
