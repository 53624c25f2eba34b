package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.containerd.api.Container;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A container as containerd has it on record.
 *
 * @param namespace that it is in
 * @param spec its OCI runtime specification
 */
record OwnContainer(String namespace, Container record, JsonObject spec) {

    static OwnContainer of(String namespace, Container record) {
        try {
            return new OwnContainer(
                    namespace, record, Json.object(record.getSpec().getValue().toStringUtf8()));
        } catch (JsonException e) {
            throw new EngineException(
                    Kind.REFUSED, "the OCI specification of container " + record.getId() + " is no JSON object", e);
        }
    }

    ContainerId id() {
        return new ContainerId(record.getId());
    }

    /** As nerdctl shows it; a container that has no name has only its id. */
    String name() {
        return record.getLabelsOrDefault(Nerdctl.NAME, record.getId());
    }

    List<JsonObject> mounts() {
        return Json.objects(spec, "mounts");
    }

    JsonObject process() {
        return Json.object(spec, "process");
    }

    /** Whether it has a namespace of this type ({@code pid}, {@code network} …) of its own or another container's. */
    boolean hasNamespace(String type) {
        return namespaceEntry(type).isPresent();
    }

    /** The path of a namespace that it shares with something else; empty when it is its own or the engine's. */
    Optional<String> namespacePath(String type) {
        return namespaceEntry(type).map(entry -> Json.text(entry, "path")).filter(path -> !path.isEmpty());
    }

    private Optional<JsonObject> namespaceEntry(String type) {
        return Json.objects(Json.object(spec, "linux"), "namespaces").stream()
                .filter(entry -> Json.text(entry, "type").equals(type))
                .findFirst();
    }

    /**
     * The cgroup of a container beside this one, in the form that this one's has: a path, or systemd's
     * {@code slice:prefix:name}.
     */
    String cgroupsPath(ContainerId sibling) {
        String path = Json.text(Json.object(spec, "linux"), "cgroupsPath");
        if (path.contains(record.getId())) {
            return path.replace(record.getId(), sibling.value());
        }
        return path.isEmpty() ? "/" + namespace + "/" + sibling : path + "-" + sibling.shortForm();
    }

    /** Where a path of this container lies on the engine's side; empty when no bind mount brought it in. */
    Optional<Path> source(Path inContainer) {
        return binds().filter(mount -> inContainer.startsWith(Json.text(mount, "destination")))
                .max(Comparator.comparingInt(
                        mount -> Json.text(mount, "destination").length()))
                .map(mount -> moved(inContainer, mount, "destination", "source"));
    }

    /** Where a path of the engine's side lies in this container; the inverse of {@link #source}. */
    Optional<Path> destination(Path onEngine) {
        return binds().filter(mount -> onEngine.startsWith(Json.text(mount, "source")))
                .max(Comparator.comparingInt(mount -> Json.text(mount, "source").length()))
                .map(mount -> moved(onEngine, mount, "source", "destination"));
    }

    private java.util.stream.Stream<JsonObject> binds() {
        return mounts().stream()
                .filter(mount -> Json.text(mount, "source").startsWith("/")
                        && (Json.text(mount, "type").equals("bind")
                                || Json.texts(mount, "options").contains("bind")
                                || Json.texts(mount, "options").contains("rbind")));
    }

    private static Path moved(Path path, JsonObject mount, String from, String to) {
        return Path.of(Json.text(mount, to))
                .resolve(Path.of(Json.text(mount, from)).relativize(path))
                .normalize();
    }
}
