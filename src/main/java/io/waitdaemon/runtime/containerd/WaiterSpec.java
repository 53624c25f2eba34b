package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.OciSpec;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The OCI specification of the waiter: made from nothing, with no capability, a root file system that cannot be written
 * to, and namespaces of its own. Of the action it has the entrypoint, and its network where the engine is reached by it.
 */
final class WaiterSpec {

    private static final String OCI_VERSION = "1.0.2";

    /** containerd's own lists (oci.populateDefaultUnixSpec, 1.6 to 2.1). */
    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final OwnContainer action;
    private final HandoffPlan plan;
    private final JsonObject ownConfig;

    /** @param ownConfig {@code config} of waitdaemon's image; empty when containerd has it no more */
    WaiterSpec(OwnContainer action, HandoffPlan plan, JsonObject ownConfig) {
        this.action = action;
        this.plan = plan;
        this.ownConfig = ownConfig;
    }

    /**
     * @param order the waiter's only argument
     * @param binds source on the engine's side to path in the waiter
     * @param network {@code None} unless the engine is reached over the network
     */
    JsonObject make(
            ContainerId waiter,
            String order,
            Map<Path, String> binds,
            Network network,
            Map<String, String> annotations) {
        JsonObjectBuilder all = Json.PROVIDER.createObjectBuilder();
        annotations.forEach(all::add);
        JsonObjectBuilder spec = Json.PROVIDER
                .createObjectBuilder()
                .add("ociVersion", OCI_VERSION)
                .add("process", process(order))
                .add("root", object().add("path", "rootfs").add("readonly", true))
                .add("mounts", mounts(binds))
                .add("linux", linux(waiter, network))
                .add("annotations", all);
        if (!(network instanceof Network.Host)) {
            spec.add("hostname", waiter.shortForm());
        }
        if (network instanceof Network.Cni cni) {
            spec.add("hooks", new CniHooks(waiter, cni.networks()).json());
        }
        return spec.build();
    }

    private JsonObjectBuilder process(String order) {
        List<String> arguments = new ArrayList<>(entrypoint());
        arguments.add(HandoffPlan.LAUNCH_COMMAND);
        arguments.add(order);
        List<String> environment = new ArrayList<>(Json.texts(ownConfig, "Env"));
        if (environment.stream().noneMatch(entry -> entry.startsWith("PATH="))) {
            environment.add(OciSpec.DEFAULT_PATH);
        }
        if (plan.textLogs()) {
            environment.add("WAITDAEMON_LOG_FORMAT=text");
        }
        return object().add("user", object().add("uid", 0).add("gid", 0))
                .add("args", Json.strings(arguments))
                .add("env", Json.strings(environment))
                .add("cwd", "/")
                .add("capabilities", object())
                .add("noNewPrivileges", true);
    }

    /** What comes before the user's arguments in the action's own command line. */
    private List<String> entrypoint() {
        List<String> own = Json.texts(action.spec().process(), "args");
        return own.subList(0, own.size() - plan.command().size());
    }

    private static JsonArrayBuilder mounts(Map<Path, String> binds) {
        JsonArrayBuilder mounts = Json.PROVIDER
                .createArrayBuilder()
                .add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"))
                .add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64k"))
                .add(mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "noexec", "mode=1777", "size=1m"));
        binds.forEach((source, destination) ->
                mounts.add(mount(destination, "bind", source.toString(), "bind", "rprivate", "ro", "nosuid", "nodev")));
        return mounts;
    }

    private static JsonObjectBuilder mount(String destination, String type, String source, String... options) {
        return object().add("destination", destination)
                .add("type", type)
                .add("source", source)
                .add("options", Json.strings(List.of(options)));
    }

    private JsonObjectBuilder linux(ContainerId waiter, Network network) {
        JsonArrayBuilder namespaces = Json.PROVIDER.createArrayBuilder();
        for (String type : List.of("pid", "ipc", "uts", "mount")) {
            namespaces.add(object().add("type", type));
        }
        switch (network) {
            case Network.Host host -> {}
            case Network.None none -> namespaces.add(object().add("type", "network"));
            case Network.Joined joined ->
                namespaces.add(object().add("type", "network").add("path", joined.path()));
            case Network.Cni cni -> namespaces.add(object().add("type", "network"));
        }
        JsonObjectBuilder noDevice = object().add("allow", false).add("access", "rwm");
        return object().add("namespaces", namespaces)
                .add("cgroupsPath", action.cgroupsPath(waiter))
                .add(
                        "resources",
                        object().add(
                                        "devices",
                                        Json.PROVIDER.createArrayBuilder().add(noDevice)))
                .add("maskedPaths", Json.strings(MASKED))
                .add("readonlyPaths", Json.strings(READ_ONLY));
    }

    private static JsonObjectBuilder object() {
        return Json.PROVIDER.createObjectBuilder();
    }
}
