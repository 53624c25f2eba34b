package io.waitdaemon.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What this process sees of its own container.
 *
 * @param proc where the proc file system is mounted
 * @param root of the container's file system
 */
public record OwnProcess(Path proc, Path root) {

    /** The inode of the own pid namespace (namespaces(7)); 0 when it cannot be read. */
    public long pidNamespace() {
        try {
            String link = Files.readSymbolicLink(proc.resolve("self/ns/pid")).toString();
            return Long.parseLong(link.replaceAll("\\D", ""));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Whether there is a network interface besides the loopback one. */
    public boolean connected() {
        try {
            List<String> interfaces = Files.readAllLines(proc.resolve("self/net/dev"));
            return interfaces.stream()
                    .filter(line -> line.indexOf(':') > 0)
                    .map(line -> line.substring(0, line.indexOf(':')).strip())
                    .anyMatch(name -> !name.equals("lo"));
        } catch (IOException e) {
            return false;
        }
    }
}
