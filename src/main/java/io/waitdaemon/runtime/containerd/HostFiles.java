package io.waitdaemon.runtime.containerd;

import io.waitdaemon.runtime.OciSpec;
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

    private HostFiles() {}

    /** The name of such a file in the folder where it is kept. */
    static String name(String path) {
        return Path.of(path).getFileName().toString();
    }

    /**
     * What the target's files shall hold, by name.
     *
     * @param root of the file system in which the action's files are read
     * @param paths of {@link OciSpec#HOST_FILES}
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
