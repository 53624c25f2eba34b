package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.NerdctlLabels;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The limits and devices of the action, as options of {@code nerdctl create}. */
final class ResourceOptions {

    private static final Map<String, String> CPU_NUMBERS = Map.of(
            "shares", "cpu-shares",
            "quota", "cpu-quota",
            "period", "cpu-period",
            "realtimeRuntime", "cpu-rt-runtime",
            "realtimePeriod", "cpu-rt-period");

    private static final Map<String, String> CPU_LISTS = Map.of("cpus", "cpuset-cpus", "mems", "cpuset-mems");

    private static final Map<String, String> MEMORY_NUMBERS = Map.of(
            "limit", "memory",
            "swap", "memory-swap",
            "reservation", "memory-reservation",
            "swappiness", "memory-swappiness");

    /** Devices that every container has (OCI config-linux.md "Default Devices"), and their numbers, with those of pty. */
    private static final Set<String> USUAL_PATHS = Set.of(
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
            "/dev/tty",
            "/dev/console",
            "/dev/ptmx");

    private static final Set<String> USUAL_NUMBERS =
            Set.of("1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "136:*");

    private final NativeContainer action;
    private final String namespace;
    private final JsonObject resources;
    private final Options options;

    ResourceOptions(NativeContainer action, String namespace, Options options) {
        this.action = action;
        this.namespace = namespace;
        this.resources = Json.object(action.spec().linux(), "resources");
        this.options = options;
    }

    void add() {
        numbers(Json.object(resources, "cpu"), CPU_NUMBERS);
        CPU_LISTS.forEach((key, option) -> Optional.of(Json.text(Json.object(resources, "cpu"), key))
                .filter(list -> !list.isEmpty())
                .ifPresent(list -> options.add(option, list)));
        memory(Json.object(resources, "memory"));
        number(Json.object(resources, "pids"), "limit")
                .filter(limit -> limit > 0)
                .ifPresent(limit -> options.add("pids-limit", limit));
        blockIo(Json.object(resources, "blockIO"));
        options.addAll("cgroup-conf", Json.textMembers(Json.object(resources, "unified")));
        for (String other : List.of("hugepageLimits", "network", "rdma")) {
            if (isSet(resources.getOrDefault(other, JsonValue.NULL))) {
                options.lose("the limits \"" + other + "\"");
            }
        }
        cgroupParent();
        if (!SecurityOptions.isPrivileged(action.spec())) {
            devices();
        }
    }

    /** nerdctl doubles a limit for the swap unless it is told otherwise. */
    private void memory(JsonObject memory) {
        numbers(memory, MEMORY_NUMBERS);
        if (memory.containsKey("limit") && !memory.containsKey("swap")) {
            options.add("memory-swap", -1);
        }
        if (Json.isTrue(memory, "disableOOMKiller")) {
            options.flag("oom-kill-disable");
        }
    }

    private void blockIo(JsonObject blockIo) {
        number(blockIo, "weight").filter(weight -> weight > 0).ifPresent(weight -> options.add("blkio-weight", weight));
        blockIo.forEach((key, value) -> {
            if (!key.equals("weight") && !key.equals("leafWeight") && isSet(value)) {
                options.lose("the limits \"" + key + "\" of block devices");
            }
        });
    }

    /** As nerdctl puts it together: a folder with the container's id in it, or systemd's {@code slice:prefix:id}. */
    private void cgroupParent() {
        String path = Json.text(action.spec().linux(), "cgroupsPath");
        String slice = path.split(":", 2)[0];
        if (path.contains(":")) {
            if (!slice.equals("system.slice")) {
                options.add("cgroup-parent", slice);
            }
            return;
        }
        Path parent = path.isEmpty() ? null : Path.of(path).getParent();
        if (parent != null && !parent.equals(Path.of("/" + namespace)) && !parent.equals(Path.of("/"))) {
            options.add("cgroup-parent", parent.toString());
        }
    }

    private void devices() {
        List<JsonObject> mapped = Json.objects(
                NerdctlLabels.object(action.labels().getOrDefault(NerdctlLabels.PREFIX + "host-config", "")),
                "Devices");
        for (JsonObject device : Json.objects(action.spec().linux(), "devices")) {
            String path = Json.text(device, "path");
            if (!USUAL_PATHS.contains(path)) {
                options.add("device", hostPath(mapped, path) + ":" + path + ":" + access(device));
            }
        }
        for (JsonObject rule : rules()) {
            String numbers = shown(rule, "major") + ":" + shown(rule, "minor");
            if (Json.isTrue(rule, "allow") && !USUAL_NUMBERS.contains(numbers) && !isOfADevice(rule)) {
                options.lose("the cgroup rule \"" + Json.text(rule, "type") + " " + numbers + " "
                        + Json.text(rule, "access") + "\"");
            }
        }
    }

    /** The path on the host, which only nerdctl's own notes tell from that in the container. */
    private static String hostPath(List<JsonObject> mapped, String path) {
        return mapped.stream()
                .filter(device -> Json.text(device, "PathInContainer").equals(path))
                .map(device -> Json.text(device, "PathOnHost"))
                .findFirst()
                .orElse(path);
    }

    private String access(JsonObject device) {
        return rules().stream()
                .filter(rule -> Json.isTrue(rule, "allow") && isOf(rule, device))
                .map(rule -> Json.text(rule, "access"))
                .reduce((first, last) -> last)
                .orElse("rwm");
    }

    private boolean isOfADevice(JsonObject rule) {
        return Json.objects(action.spec().linux(), "devices").stream().anyMatch(device -> isOf(rule, device));
    }

    private static boolean isOf(JsonObject rule, JsonObject device) {
        return Objects.equals(rule.get("major"), device.get("major"))
                && Objects.equals(rule.get("minor"), device.get("minor"))
                && Json.text(rule, "type").equals(Json.text(device, "type"));
    }

    private List<JsonObject> rules() {
        return Json.objects(resources, "devices");
    }

    private void numbers(JsonObject from, Map<String, String> names) {
        names.forEach((key, option) -> number(from, key).ifPresent(value -> options.add(option, value)));
    }

    private static Optional<Long> number(JsonObject from, String key) {
        return from.get(key) instanceof JsonNumber number ? Optional.of(number.longValue()) : Optional.empty();
    }

    private static String shown(JsonObject rule, String key) {
        return number(rule, key).map(String::valueOf).orElse("*");
    }

    private static boolean isSet(JsonValue value) {
        return switch (value) {
            case JsonObject object -> !object.isEmpty();
            case jakarta.json.JsonArray array -> !array.isEmpty();
            case JsonNumber number -> number.longValue() != 0;
            default -> !value.equals(JsonValue.NULL) && !value.equals(JsonValue.FALSE);
        };
    }
}
