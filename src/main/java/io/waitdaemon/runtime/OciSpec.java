package io.waitdaemon.runtime;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.TargetEnvironment;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A container as its OCI runtime specification describes it (config.md, config-linux.md). Whatever an engine leaves out
 * is empty here.
 */
public record OciSpec(JsonObject json) {

    /** What containerd gives a container whose image has no environment (oci.WithImageConfig, 1.6 to 2.1). */
    public static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** The files by which a container knows names of hosts: containerd makes none, its clients do, for each container. */
    public static final List<String> HOST_FILES = List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname");

    public JsonObject process() {
        return Json.object(json, "process");
    }

    public JsonObject linux() {
        return Json.object(json, "linux");
    }

    public List<JsonObject> mounts() {
        return Json.objects(json, "mounts");
    }

    public String hostname() {
        return Json.text(json, "hostname");
    }

    /** Whether it has a namespace of this type ({@code pid}, {@code network} …) of its own or another container's. */
    public boolean hasNamespace(String type) {
        return namespaceEntry(type).isPresent();
    }

    /** The path of a namespace that it shares with something else; empty when it is its own or the engine's. */
    public Optional<String> namespacePath(String type) {
        return namespaceEntry(type).map(entry -> Json.text(entry, "path")).filter(path -> !path.isEmpty());
    }

    private Optional<JsonObject> namespaceEntry(String type) {
        return Json.objects(linux(), "namespaces").stream()
                .filter(entry -> Json.text(entry, "type").equals(type))
                .findFirst();
    }

    /** Where a path of this container lies on the engine's side; empty when no bind mount brought it in. */
    public Optional<Path> source(Path inContainer) {
        return binds().filter(mount -> inContainer.startsWith(Json.text(mount, "destination")))
                .max(Comparator.comparingInt(
                        mount -> Json.text(mount, "destination").length()))
                .map(mount -> moved(inContainer, mount, "destination", "source"));
    }

    /** Where a path of the engine's side lies in this container; the inverse of {@link #source}. */
    public Optional<Path> destination(Path onEngine) {
        return binds().filter(mount -> onEngine.startsWith(Json.text(mount, "source")))
                .max(Comparator.comparingInt(mount -> Json.text(mount, "source").length()))
                .map(mount -> moved(onEngine, mount, "source", "destination"));
    }

    /** The mounts that bring in a path of the engine's side, whatever type their maker gave them. */
    public Stream<JsonObject> binds() {
        return mounts().stream().filter(OciSpec::isBind);
    }

    /** Whether a mount brings in a path of the engine's side. */
    public static boolean isBind(JsonObject mount) {
        List<String> options = Json.texts(mount, "options");
        return Json.text(mount, "source").startsWith("/")
                && (Json.text(mount, "type").equals("bind") || options.contains("bind") || options.contains("rbind"));
    }

    /** Whether a mount is of a file for names of hosts that the engine's client made for this container. */
    public static boolean isMadeByEngine(JsonObject mount, ContainerId container) {
        String source = Json.text(mount, "source");
        // Tinkerbell's agent makes them in a folder tink-dns-*, nerdctl below the container's id
        return HOST_FILES.contains(Json.text(mount, "destination"))
                && (source.contains("/tink-dns-") || source.contains(container.value()));
    }

    /**
     * The environment that the user gave, in its order: what neither waitdaemon's image nor containerd's clients set.
     *
     * @param ownConfig {@code config} of the image that the container runs
     */
    public List<String> userEnvironment(JsonObject ownConfig, ContainerId container) {
        List<String> defaults = new ArrayList<>(Json.texts(ownConfig, "Env"));
        defaults.add(DEFAULT_PATH);
        // nerdctl's
        defaults.add("HOSTNAME=" + container.shortForm());
        return TargetEnvironment.of(Json.texts(process(), "env"), defaults);
    }

    /** The working folder, where the user chose another one than the image has. */
    public Optional<String> userWorkingFolder(JsonObject ownConfig) {
        String ofImage = Json.text(ownConfig, "WorkingDir");
        return Optional.of(Json.text(process(), "cwd"))
                .filter(folder -> !folder.isEmpty() && !folder.equals(ofImage.isEmpty() ? "/" : ofImage));
    }

    /** The user and group that the process runs as; empty for root, who is the user of waitdaemon's image. */
    public Optional<JsonObject> userWhoIsNotRoot() {
        JsonObject user = Json.object(process(), "user");
        return Optional.of(user).filter(given -> given.getInt("uid", 0) != 0 || given.getInt("gid", 0) != 0);
    }

    private static Path moved(Path path, JsonObject mount, String from, String to) {
        return Path.of(Json.text(mount, to))
                .resolve(Path.of(Json.text(mount, from)).relativize(path))
                .normalize();
    }
}
