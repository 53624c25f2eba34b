package io.waitdaemon.runtime.nerdctl;

import java.util.List;
import java.util.Locale;

/** Where the nerdctl is that is used. */
enum Place {
    /** In waitdaemon's own image, with the action's mounts before its eyes. */
    BUNDLED,

    /** On the host, in all namespaces of the host's first process but its cgroup's. */
    HOST;

    /** For the log. */
    String description() {
        return switch (this) {
            case BUNDLED -> "nerdctl in this image";
            case HOST -> "nerdctl of the host";
        };
    }

    /** What comes before nerdctl's own arguments; the first word is an absolute path in this container. */
    List<String> command() {
        return switch (this) {
            case BUNDLED -> List.of("/usr/local/bin/nerdctl");
            case HOST -> List.of("/bin/busybox", "nsenter", "-t", "1", "-m", "-u", "-i", "-n", "-p", "--", "nerdctl");
        };
    }

    /** As the waiter is told of it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Place of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
