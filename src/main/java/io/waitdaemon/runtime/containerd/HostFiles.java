package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files by which a container knows names of hosts. containerd makes none; its clients do, for each container, and
 * Tinkerbell's agent takes them away as soon as the action has ended. The target gets its own, with what the action
 * sees in them.
 */
final class HostFiles {

    static final List<String> PATHS = List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname");

    private HostFiles() {}

    /** The name of such a file in the folder where it is kept. */
    static String name(String path) {
        return Path.of(path).getFileName().toString();
    }

    /**
     * Whether a mount is of a file that the engine's client made for this container: Tinkerbell's agent in a folder
     * {@code tink-dns-*}, nerdctl below the container's id.
     */
    static boolean madeByEngine(JsonObject mount, ContainerId container) {
        String source = Json.text(mount, "source");
        return PATHS.contains(Json.text(mount, "destination"))
                && (source.contains("/tink-dns-") || source.contains(container.value()));
    }

    /**
     * What the target's files shall hold, by name.
     *
     * @param root of the file system in which the action's files are read
     * @param paths of {@link #PATHS}
     * @param from hostname of the action, where it appears in them
     * @param to hostname of the target
     */
    static Map<String, String> contents(Path root, List<String> paths, String from, String to) {
        Map<String, String> contents = new LinkedHashMap<>();
        for (String path : paths) {
            String text;
            try {
                // leniently: a comment in another encoding is no reason to lose the file
                text = new String(Files.readAllBytes(root.resolve(path.substring(1))), StandardCharsets.UTF_8);
            } catch (IOException e) {
                text = "";
            }
            boolean named = !path.endsWith("resolv.conf") && !from.isEmpty() && !from.equals(to);
            contents.put(name(path), named ? text.replace(from, to) : text);
        }
        return contents;
    }
}
