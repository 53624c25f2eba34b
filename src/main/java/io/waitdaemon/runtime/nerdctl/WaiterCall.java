package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The call that creates the waiter. Of the action it has the image, by id, and what its nerdctl needs: two mounts for the one
 * in the image; for the host's, the host's processes and the capabilities that entering their namespaces takes
 * (setns(2), and ptrace(2) for the links in /proc/1/ns).
 */
final class WaiterCall {

    static final String PLACE = "place";
    static final String ADDRESS = "address";
    static final String NAMESPACE = "namespace";

    /** Where nerdctl keeps what it knows of containers, unless it is told otherwise. */
    static final Path DATA_ROOT = Path.of("/var/lib/nerdctl");

    private static final Path USUAL_SOCKET = Path.of("/run/containerd/containerd.sock");
    private static final List<String> CAPABILITIES = List.of("CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE");

    private WaiterCall() {}

    /**
     * @param namespace of containerd, the action's
     * @param image id of the image that the action runs
     * @param address of containerd's socket where the user named one; empty for the usual one
     */
    static NerdctlCall of(
            NativeContainer action,
            String namespace,
            String image,
            HandoffPlan plan,
            Place place,
            String address,
            ContainerId target) {
        Options options = new Options()
                .add("name", plan.name(Role.WAITER))
                .add("pull", "never")
                .add("restart", Restarts.WANTED)
                .add("network", "none")
                .add("cap-drop", "ALL")
                .add("security-opt", "no-new-privileges")
                .flag("read-only");
        options.addAll("label", plan.labels(Role.WAITER));
        if (plan.textLogs()) {
            options.add("env", "WAITDAEMON_LOG_FORMAT=text");
        }
        Path socket = address.isEmpty() ? USUAL_SOCKET : Path.of(address);
        switch (place) {
            case BUNDLED -> {
                bind(action, socket, options);
                bind(action, DATA_ROOT, options);
            }
            case HOST ->
                options.add("pid", "host")
                        .add("security-opt", "apparmor=unconfined")
                        .addAll("cap-add", CAPABILITIES);
        }
        Map<String, String> engine = new LinkedHashMap<>(Map.of(PLACE, place.word(), NAMESPACE, namespace));
        if (place == Place.BUNDLED || !address.isEmpty()) {
            engine.put(ADDRESS, socket.toString());
        }
        List<String> words = new ArrayList<>(List.of("create"));
        words.addAll(options.words());
        words.addAll(List.of(image, "--", HandoffPlan.LAUNCH_COMMAND));
        words.add(plan.order(NerdctlProvider.NAME, engine, target).toJson());
        return NerdctlCall.of(words);
    }

    /** At the same path in the waiter, since nerdctl derives further paths from it that hold on the engine's side as well. */
    private static void bind(NativeContainer action, Path inAction, Options options) {
        Path source = action.spec()
                .source(inAction)
                .orElseThrow(() -> new EngineException(
                        Kind.REFUSED,
                        "\"" + inAction + "\" came in by no mount of the action, so it cannot be given to the waiter."
                                + " Mount it (volumes: " + inAction + ":" + inAction + ")"));
        options.add("mount", "type=bind,src=" + source + ",dst=" + inAction);
    }
}
