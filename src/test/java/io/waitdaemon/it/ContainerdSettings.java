package io.waitdaemon.it;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of a container that containerd has on record has to be the same in action and target: all of it, less what is
 * listed here. Flat, so that a difference between two containers shows as a path and its value.
 */
final class ContainerdSettings {

    /** What the target has of its own image and of the action's arguments; tested by itself. */
    private static final List<String> OF_THE_IMAGE = List.of("args", "env", "cwd", "user");

    private static final List<String> INTERNAL_LABELS =
            List.of("nerdctl/", "io.waitdaemon.", "containerd.io/", "io.containerd.");

    private static final List<String> NAMES = List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname");

    private static final int SHORT_ID = 12;

    /** By which an object in a list is known, where lists are not compared by their order. */
    private static final List<String> KEYS = List.of("destination", "path", "type");

    private final Map<String, String> flat = new TreeMap<>();
    private final String id;
    private final boolean ordered;

    private ContainerdSettings(JsonObject container, boolean ordered) {
        this.id = container.getString("ID");
        this.ordered = ordered;
    }

    /**
     * Path to value, such as {@code /process/capabilities/bounding/0}.
     *
     * @param container as {@code ctr containers info} shows it
     * @param imageLabels labels of the image, which nerdctl puts on the container too
     */
    static Map<String, String> of(JsonObject container, JsonObject imageLabels) {
        return of(container, imageLabels, true);
    }

    /**
     * As {@link #of}, for containers that different clients have made: what is in a list is known by what it is, such as
     * {@code /mounts/[/etc/hosts]/type}, and not by its place.
     */
    static Map<String, String> withoutOrder(JsonObject container, JsonObject imageLabels) {
        return of(container, imageLabels, false);
    }

    private static Map<String, String> of(JsonObject container, JsonObject imageLabels, boolean ordered) {
        ContainerdSettings settings = new ContainerdSettings(container, ordered);
        settings.add("", settings.spec(container.getJsonObject("Spec")));
        settings.add("/Runtime", container.getOrDefault("Runtime", JsonValue.NULL));
        settings.add("/Snapshotter", container.getOrDefault("Snapshotter", JsonValue.NULL));
        container.getJsonObject("Labels").forEach((label, value) -> {
            if (INTERNAL_LABELS.stream().noneMatch(label::startsWith) && !value.equals(imageLabels.get(label))) {
                settings.add("/Labels/" + label, value);
            }
        });
        return settings.flat;
    }

    private JsonObject spec(JsonObject spec) {
        JsonObjectBuilder process = Json.createObjectBuilder(spec.getJsonObject("process"));
        OF_THE_IMAGE.forEach(process::remove);
        JsonObjectBuilder annotations = Json.createObjectBuilder();
        if (spec.get("annotations") instanceof JsonObject all) {
            all.forEach((key, value) -> {
                if (!key.startsWith("nerdctl/")) {
                    annotations.add(key, value);
                }
            });
        }
        JsonObject linux = spec.getJsonObject("linux");
        String cgroup = linux.getString("cgroupsPath");
        // one that does not hold the id of its container holds the beginning of it in the target
        JsonObjectBuilder neutral = Json.createObjectBuilder(linux)
                .add("cgroupsPath", cgroup.replaceFirst("-" + id.substring(0, SHORT_ID) + "$", ""));
        return Json.createObjectBuilder(spec)
                .add("linux", neutral)
                .add("process", process)
                .add("annotations", annotations)
                .add("mounts", mounts(spec.getJsonArray("mounts")))
                // those of nerdctl, and of waitdaemon for a bridge
                .remove("hooks")
                .build();
    }

    /**
     * The files that the engine's client made, last and without their place, which is each container's own; one that hides
     * the user's own file is left out.
     */
    private JsonArrayBuilder mounts(JsonArray mounts) {
        JsonArrayBuilder sorted = Json.createArrayBuilder();
        JsonArrayBuilder last = Json.createArrayBuilder();
        for (JsonObject mount : mounts.getValuesAs(JsonObject.class)) {
            if (madeByClient(mount)) {
                String place = mount.getString("destination");
                if (mounts.getValuesAs(JsonObject.class).stream()
                        .anyMatch(other -> other.getString("destination").equals(place) && !madeByClient(other))) {
                    continue;
                }
                last.add(Json.createObjectBuilder()
                        .add("destination", mount.get("destination"))
                        .add("source", "(its own)"));
            } else {
                sorted.add(mount);
            }
        }
        last.build().forEach(sorted::add);
        return sorted;
    }

    private boolean madeByClient(JsonObject mount) {
        String source = mount.getString("source", "");
        return NAMES.contains(mount.getString("destination"))
                && (source.startsWith("/tmp/tink-dns-") || source.contains("/" + id + "/"));
    }

    private void add(String path, JsonValue value) {
        switch (value) {
            case JsonObject object
            when !object.isEmpty() -> object.forEach((name, member) -> add(path + "/" + name, member));
            case JsonArray array
            when !array.isEmpty() -> {
                for (int i = 0; i < array.size(); i++) {
                    add(path + "/" + (ordered ? Integer.toString(i) : "[" + key(array.get(i)) + "]"), array.get(i));
                }
            }
            case JsonString text -> flat.put(path, neutral(text.getString()));
            default -> flat.put(path, value.toString());
        }
    }

    private static String key(JsonValue value) {
        if (value instanceof JsonObject object && !object.containsKey("allow")) {
            for (String key : KEYS) {
                if (object.containsKey(key)) {
                    return object.getString(key);
                }
            }
        }
        return value instanceof JsonString text ? text.getString() : value.toString();
    }

    /** An id that the engine or its client put somewhere is each container's own. */
    private String neutral(String text) {
        String shortId = id.substring(0, SHORT_ID);
        String neutral = text.replace(id, "(id)");
        return neutral.equals(shortId) ? "(short id)" : neutral;
    }
}
