package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.NerdctlLabels;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The namespaces of the action but that of its network, as options of {@code nerdctl create}. */
final class NamespaceOptions {

    private static final String USUAL_SHM_SIZE = "size=65536k";

    private final NativeContainer action;
    private final Options options;

    NamespaceOptions(NativeContainer action, Options options) {
        this.action = action;
        this.options = options;
    }

    /** @param onCni whether plugins connect the target to a network; with any other, nerdctl gives it a hostname always */
    void add(boolean onCni) {
        Map<String, String> labels = action.labels();
        pid(labels.getOrDefault(NerdctlLabels.PREFIX + "pid-container", ""));
        ipc(NerdctlLabels.object(labels.getOrDefault(NerdctlLabels.PREFIX + "ipc", "")));
        if (!action.spec().hasNamespace("uts")) {
            if (onCni) {
                options.add("uts", "host");
            } else {
                options.lose("the host's uts namespace");
            }
        }
        options.add("cgroupns", action.spec().hasNamespace("cgroup") ? "private" : "host");
        for (String type : List.of("uts", "cgroup")) {
            action.spec().namespacePath(type).ifPresent(path -> lose(type, path));
        }
        for (String type : List.of("user", "time")) {
            if (action.spec().hasNamespace(type)) {
                options.lose("the " + type + " namespace");
            }
        }
    }

    private void pid(String container) {
        Optional<String> path = action.spec().namespacePath("pid");
        if (!action.spec().hasNamespace("pid")) {
            options.add("pid", "host");
        } else if (!container.isEmpty()) {
            options.add("pid", "container:" + container);
        } else {
            path.ifPresent(foreign -> lose("pid", foreign));
        }
    }

    /** @param noted by nerdctl: {@code mode}, {@code victimContainerId}, {@code shmSize} */
    private void ipc(JsonObject noted) {
        String victim = Json.text(noted, "victimContainerId");
        if (!action.spec().hasNamespace("ipc")) {
            options.add("ipc", "host");
        } else if (!victim.isEmpty()) {
            options.add("ipc", "container:" + victim);
        } else {
            if (Json.text(noted, "mode").equals("shareable")) {
                options.add("ipc", "shareable");
            }
            action.spec().namespacePath("ipc").ifPresent(path -> lose("ipc", path));
            shmSize();
        }
    }

    private void shmSize() {
        action.spec().mounts().stream()
                .filter(mount -> Json.text(mount, "destination").equals("/dev/shm"))
                .flatMap(mount -> Json.texts(mount, "options").stream())
                .filter(option -> option.startsWith("size=") && !option.equals(USUAL_SHM_SIZE))
                .findFirst()
                .ifPresent(option -> options.add("shm-size", option.substring("size=".length())));
    }

    private void lose(String type, String path) {
        options.lose("the " + type + " namespace at " + path);
    }
}
