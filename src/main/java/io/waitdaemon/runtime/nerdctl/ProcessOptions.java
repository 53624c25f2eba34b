package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.NerdctlLabels;
import io.waitdaemon.runtime.OciSpec;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the action's process runs, and what is kept of it, as options of {@code nerdctl create}. */
final class ProcessOptions {

    private static final String RLIMIT = "RLIMIT_";
    private static final String USUAL_RUNTIME = "io.containerd.runc.v2";
    private static final String USUAL_STOP_SIGNAL = "SIGTERM";
    private static final List<String> UNKNOWN_OF_PROCESS = List.of("scheduler", "ioPriority", "execCPUAffinity");
    private static final List<String> UNKNOWN_OF_LINUX =
            List.of("personality", "timeOffsets", "netDevices", "memoryPolicy", "mountLabel");

    private final NativeContainer action;
    private final OciSpec spec;
    private final JsonObject ownConfig;
    private final Options options;

    /** @param ownConfig {@code config} of the image that the action runs */
    ProcessOptions(NativeContainer action, JsonObject ownConfig, Options options) {
        this.action = action;
        this.spec = action.spec();
        this.ownConfig = ownConfig;
        this.options = options;
    }

    void add() {
        if (Json.isTrue(spec.process(), "terminal")) {
            options.flag("tty");
        }
        if (Json.isTrue(Json.object(spec.json(), "root"), "readonly")) {
            options.flag("read-only");
        }
        spec.userWorkingFolder(ownConfig).ifPresent(folder -> options.add("workdir", folder));
        user();
        Json.objects(spec.process(), "rlimits")
                .forEach(limit -> options.add(
                        "ulimit",
                        Json.text(limit, "type").substring(RLIMIT.length()).toLowerCase(Locale.ROOT) + "="
                                + limit.getJsonNumber("soft") + ":" + limit.getJsonNumber("hard")));
        if (spec.process().get("oomScoreAdj") instanceof JsonNumber score) {
            options.add("oom-score-adj", score.longValue());
        }
        options.addAll("sysctl", Json.textMembers(Json.object(spec.linux(), "sysctl")));
        Map<String, String> annotations = Json.textMembers(Json.object(spec.json(), "annotations"));
        annotations.keySet().removeIf(key -> key.startsWith(NerdctlLabels.PREFIX));
        options.addAll("annotation", annotations);
        String rdtClass = Json.text(Json.object(spec.linux(), "intelRdt"), "closID");
        if (!rdtClass.isEmpty()) {
            options.add("rdt-class", rdtClass);
        }
        runtime();
        labels(action.labels());
        losses();
    }

    private void user() {
        JsonObject user = Json.object(spec.process(), "user");
        spec.userWhoIsNotRoot()
                .ifPresent(given -> options.add("user", given.getInt("uid", 0) + ":" + given.getInt("gid", 0)));
        if (user.containsKey("additionalGids")) {
            user.getJsonArray("additionalGids").getValuesAs(JsonNumber.class).stream()
                    .map(JsonNumber::longValue)
                    .filter(group -> group != user.getInt("gid", 0))
                    .forEach(group -> options.add("group-add", group));
        }
        if (user.get("umask") instanceof JsonNumber umask) {
            options.add("umask", Integer.toOctalString(umask.intValue()));
        }
    }

    private void runtime() {
        if (!action.runtime().equals(USUAL_RUNTIME)) {
            options.add("runtime", action.runtime());
        }
        if (action.hasRuntimeOptions()) {
            options.lose("the options of its OCI runtime " + action.runtime());
        }
    }

    private void labels(Map<String, String> labels) {
        JsonObject log = NerdctlLabels.object(labels.getOrDefault(NerdctlLabels.PREFIX + "log-config", ""));
        String driver = Json.text(log, "driver");
        if (!driver.isEmpty()) {
            options.add("log-driver", driver);
            options.addAll("log-opt", Json.textMembers(Json.object(log, "opts")));
        }
        String signal = labels.getOrDefault("io.containerd.image.config.stop-signal", USUAL_STOP_SIGNAL);
        if (!signal.equals(USUAL_STOP_SIGNAL)) {
            options.add("stop-signal", signal);
        }
        String timeout = labels.getOrDefault(NerdctlLabels.PREFIX + "stop-timeout", "");
        if (!timeout.isEmpty()) {
            options.add("stop-timeout", timeout);
        }
    }

    /** What an OCI specification may hold and no option of nerdctl sets. */
    private void losses() {
        UNKNOWN_OF_PROCESS.stream().filter(spec.process()::containsKey).forEach(key -> options.lose("\"" + key + "\""));
        UNKNOWN_OF_LINUX.stream().filter(spec.linux()::containsKey).forEach(key -> options.lose("\"" + key + "\""));
        List<JsonObject> hooks = new ArrayList<>();
        Json.object(spec.json(), "hooks")
                .keySet()
                .forEach(event -> hooks.addAll(Json.objects(Json.object(spec.json(), "hooks"), event)));
        if (hooks.stream().anyMatch(hook -> !Json.texts(hook, "args").contains("oci-hook"))) {
            options.lose("OCI hooks that are not nerdctl's");
        }
    }
}
