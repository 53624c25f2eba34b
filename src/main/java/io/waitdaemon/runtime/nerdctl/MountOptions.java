package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.OciSpec;
import io.waitdaemon.runtime.SocketMount;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The mounts of the action, as options of {@code nerdctl create}. */
final class MountOptions {

    /** What containerd and nerdctl mount into every container; nerdctl does so again, as the other options ask for it. */
    private static final Set<String> USUAL =
            Set.of("/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup");

    private static final Set<String> RECURSION = Set.of("bind", "rbind");
    private static final Set<String> ACCESS = Set.of("rw", "ro", "rro");
    private static final Set<String> UNSHARED = Set.of("private", "rprivate");
    private static final Set<String> SHARED = Set.of("shared", "rshared", "slave", "rslave");

    private final NativeContainer action;
    private final Place place;
    private final Path proc;
    private final Options options;

    MountOptions(NativeContainer action, Place place, Path proc, Options options) {
        this.action = action;
        this.place = place;
        this.proc = proc;
        this.options = options;
    }

    /** @param onCni whether plugins connect the target to a network, since nerdctl puts its own files over mounts then */
    void add(boolean onCni) {
        for (JsonObject mount : action.spec().mounts()) {
            String destination = Json.text(mount, "destination");
            if (OciSpec.isMadeByEngine(mount, action.id())) {
                continue;
            }
            if (OciSpec.isBind(mount)) {
                bind(mount, destination);
                if (onCni && OciSpec.HOST_FILES.contains(destination)) {
                    options.lose("the mount at " + destination
                            + ", over which nerdctl puts a file of its own unless the network is host or none");
                }
            } else if (Json.text(mount, "type").equals("tmpfs") && !USUAL.contains(destination)) {
                tmpfs(mount, destination);
            } else if (!USUAL.contains(destination)) {
                options.lose("the mount of type " + Json.text(mount, "type") + " at " + destination);
            }
        }
    }

    private void bind(JsonObject mount, String destination) {
        String source = Json.text(mount, "source");
        requireSource(source, destination);
        List<String> wanted = Json.texts(mount, "options");
        List<String> modes = new ArrayList<>();
        modes.add(wanted.contains("bind") && !wanted.contains("rbind") ? "bind" : "rbind");
        wanted.stream()
                .filter(option -> option.equals("ro") || option.equals("rro"))
                .reduce((first, last) -> last)
                .ifPresent(modes::add);
        wanted.stream().filter(option -> isPropagation(option)).findFirst().ifPresent(propagation -> {
            if (place == Place.BUNDLED && SHARED.contains(propagation)) {
                options.lose("the propagation \"" + propagation + "\" of the mount at " + destination
                        + ", which the nerdctl in this image cannot check (the host's can: NSENTER_HOST=true)");
            } else {
                modes.add(propagation);
            }
        });
        wanted.stream()
                .filter(option -> !RECURSION.contains(option) && !ACCESS.contains(option) && !isPropagation(option))
                .forEach(option -> options.lose("the option \"" + option + "\" of the mount at " + destination));
        if (source.contains(",") || destination.contains(",")) {
            options.add("volume", source + ":" + destination + ":" + String.join(",", modes));
        } else {
            options.add("mount", asMount(source, destination, modes));
        }
    }

    /** Unlike a volume, it does not make what is missing: in this image, that would not be on the host. */
    private static String asMount(String source, String destination, List<String> modes) {
        StringBuilder mount = new StringBuilder("type=bind,src=" + source + ",dst=" + destination);
        for (String mode : modes) {
            switch (mode) {
                case "rbind" -> {}
                case "bind" -> mount.append(",bind-nonrecursive=true");
                case "ro", "rro" -> mount.append(',').append(mode);
                default -> mount.append(",bind-propagation=").append(mode);
            }
        }
        return mount.toString();
    }

    private static boolean isPropagation(String option) {
        return SHARED.contains(option) || UNSHARED.contains(option);
    }

    /** nerdctl asks for nothing of this before the target is started, when nobody listens any more. */
    private void requireSource(String source, String destination) {
        if (source.contains(":") || destination.contains(":")) {
            throw new EngineException(
                    Kind.REFUSED,
                    "nerdctl cannot mount \"" + source + "\" at \"" + destination
                            + "\", since it takes the colon for the end of a path; use CONTAINER_RUNTIME=containerd");
        }
        if (SocketMount.isSevered(proc.resolve("self/mountinfo"), Path.of(destination))) {
            throw new EngineException(
                    Kind.REFUSED,
                    "the source \"" + source + "\" of the mount at " + destination
                            + " has been removed since the action was started; make it again");
        }
    }

    /** nerdctl adds options of its own, which only their opposites take away. */
    private void tmpfs(JsonObject mount, String destination) {
        List<String> wanted = Json.texts(mount, "options");
        Stream<String> opposites = Stream.of("noexec", "nosuid", "nodev")
                .filter(option -> !wanted.contains(option))
                .map(option -> option.substring("no".length()));
        options.add(
                "tmpfs",
                destination + ":"
                        + String.join(
                                ",", Stream.concat(wanted.stream(), opposites).toList()));
    }
}
