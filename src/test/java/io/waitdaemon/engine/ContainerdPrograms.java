package io.waitdaemon.engine;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code src/test/sh/install-containerd} has put things.
 *
 * @param debian a folder a suite, and one of tools
 * @param nerdctl the folder with nerdctl, of the version that waitdaemon's image bundles
 * @param oldNerdctl the folder with CaptainOS' nerdctl
 * @param agent the folder with nothing but the agent of {@code src/test/go/agent}
 */
public record ContainerdPrograms(Path debian, Path nerdctl, Path oldNerdctl, Path agent) {

    private static final String SCRIPT = "src/test/sh/install-containerd";

    private static @Nullable ContainerdPrograms installed;
    private static @Nullable String reason;

    /** Installs them with the first call, which takes a minute or two on a new machine. */
    public static synchronized ContainerdPrograms get() {
        ContainerdPrograms programs = installed;
        if (programs == null) {
            programs = install();
            installed = programs;
        }
        return programs;
    }

    /** Why they cannot be had, if so. What failed once is not tried a second time. */
    static synchronized Optional<String> missing() {
        if (reason == null && installed == null) {
            try {
                get();
            } catch (IllegalStateException e) {
                reason = e.getMessage();
            }
        }
        return Optional.ofNullable(reason);
    }

    Path containerd(ContainerdVersion version) {
        return debian.resolve(version.suite()).resolve("usr/bin/containerd");
    }

    public Path cniPlugins() {
        return debian.resolve("tools/usr/lib/cni");
    }

    /** One containerd with its shim and its ctr, what all of them share, and the machine's own programs behind that. */
    String path(ContainerdVersion version) {
        return String.join(
                ":",
                Stream.of(
                                Stream.of(
                                        debian.resolve(version.suite()).resolve("usr/bin"),
                                        debian.resolve("tools/bin")),
                                Stream.of(agent),
                                Stream.of(
                                        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"))
                        .flatMap(paths -> paths.map(Object::toString))
                        .toList());
    }

    private static ContainerdPrograms install() {
        try {
            Process process = new ProcessBuilder(SCRIPT)
                    .redirectInput(new File("/dev/null"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Map<String, Path> folders = new HashMap<>();
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("=", 2))
                    .forEach(parts -> folders.put(parts[0], Path.of(parts[1])));
            if (process.waitFor() != 0) {
                throw new IllegalStateException(SCRIPT + " failed, see above");
            }
            return new ContainerdPrograms(
                    said(folders, "debian"),
                    said(folders, "nerdctl"),
                    said(folders, "old-nerdctl"),
                    said(folders, "agent"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + SCRIPT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while " + SCRIPT + " ran", e);
        }
    }

    private static Path said(Map<String, Path> folders, String name) {
        return Optional.ofNullable(folders.get(name))
                .orElseThrow(() -> new IllegalStateException(SCRIPT + " did not say where '" + name + "' is"));
    }
}
