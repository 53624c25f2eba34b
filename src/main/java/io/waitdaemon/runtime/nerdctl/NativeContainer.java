package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.NerdctlLabels;
import io.waitdaemon.runtime.OciSpec;
import jakarta.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container in nerdctl's native view ({@code inspect --mode=native}): what containerd has on record, the OCI
 * specification, and the state of the process. nerdctl's other view, Docker's, leaves out commands, modes of namespaces and
 * privileges of containers that others than nerdctl have made.
 *
 * @param json as nerdctl printed it
 */
record NativeContainer(JsonObject json) {

    /** How far its process has come; containerd's own words. */
    enum Status {
        /** There is no process: it was never started, or its task is gone. */
        NONE,
        /** A shim has made it, and nobody has started it. */
        CREATED,
        RUNNING,
        STOPPED
    }

    /** The container in nerdctl's namespace; empty when there is none. */
    static Optional<NativeContainer> find(Nerdctl nerdctl, ContainerId container) {
        return find(nerdctl, container.value());
    }

    /** The container with this id, beginning of an id, or name; empty when there is none. */
    static Optional<NativeContainer> find(Nerdctl nerdctl, String idOrName) {
        return nerdctl.inspect("container", idOrName).map(NativeContainer::new);
    }

    ContainerId id() {
        return new ContainerId(json.getString("ID"));
    }

    /** As nerdctl shows it; a container that has no name has only its id. */
    String name() {
        return labels().getOrDefault(NerdctlLabels.NAME, id().value());
    }

    Map<String, String> labels() {
        return Json.textMembers(Json.object(json, "Labels"));
    }

    /** Full name of the image. */
    String image() {
        return Json.text(json, "Image");
    }

    String snapshotter() {
        return Json.text(json, "Snapshotter");
    }

    /** Of containerd, such as {@code io.containerd.runc.v2}. */
    String runtime() {
        return Json.text(Json.object(json, "Runtime"), "Name");
    }

    /** Whether the runtime was given options, such as another program than runc. */
    boolean hasRuntimeOptions() {
        return !Json.text(Json.object(Json.object(json, "Runtime"), "Options"), "value")
                .isEmpty();
    }

    OciSpec spec() {
        return new OciSpec(Json.object(json, "Spec"));
    }

    /** Ports that are mapped, in CNI's form: {@code HostPort}, {@code ContainerPort}, {@code Protocol}, {@code HostIP}. */
    List<JsonObject> ports() {
        List<JsonObject> mapped = Json.objects(Json.object(process(), "NetNS"), "PortMappings");
        return mapped.isEmpty()
                ? NerdctlLabels.array(labels().getOrDefault(NerdctlLabels.PORTS, ""))
                        .getValuesAs(JsonObject.class)
                : mapped;
    }

    Status status() {
        return switch (Json.text(state(), "Status")) {
            case "created" -> Status.CREATED;
            case "running", "paused", "pausing" -> Status.RUNNING;
            case "stopped" -> Status.STOPPED;
            default -> Status.NONE;
        };
    }

    /** In the engine's pid namespace; 0 when it does not run. */
    long pid() {
        return process().getInt("Pid", 0);
    }

    int exitCode() {
        return state().getInt("ExitStatus", 0);
    }

    /** When the process ended, by the wall clock. */
    Instant endedAt() {
        try {
            return OffsetDateTime.parse(Json.text(state(), "ExitTime")).toInstant();
        } catch (DateTimeException e) {
            throw new EngineException(Kind.REFUSED, "nerdctl does not say when " + id().shortForm() + " ended", e);
        }
    }

    private JsonObject process() {
        return Json.object(json, "Process");
    }

    private JsonObject state() {
        return Json.object(process(), "Status");
    }
}
