package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The engine that all integration tests of a run share. It starts with the first test that asks for it and ends with the
 * JVM. A test that stops, kills or reconfigures an engine takes one of its own: {@link PrivateDockerd#create()}.
 */
public final class Engine {

    /** Names the lock of classes that use the shared engine: one at a time, while others may run beside it. */
    public static final String LOCK = "shared dockerd";

    private static final List<String> PROGRAMS = List.of(
            "dockerd",
            "containerd",
            "runc",
            "docker",
            "docker-registry",
            "htpasswd",
            "openssl",
            "busybox",
            "ip",
            "setsid",
            "umount",
            "tar");

    private static @Nullable PrivateDockerd shared;

    private Engine() {}

    /**
     * The shared engine, running. Where none can run, the test is aborted (not passed) with the reason; with
     * {@code -Dwaitdaemon.engine=required} it fails.
     */
    public static synchronized PrivateDockerd shared() {
        require();
        PrivateDockerd engine = shared;
        if (engine == null) {
            engine = PrivateDockerd.create();
            shared = engine;
        }
        if (!engine.running()) {
            engine.start();
        }
        return engine;
    }

    /**
     * Installs what is missing, as root on Debian, and aborts or fails the test where {@link PrivateDockerd} still cannot
     * run; tests with an engine of their own call it first.
     */
    public static synchronized void require() {
        if (root() && missing().isPresent()) {
            install();
        }
        require(Engine::missing);
    }

    /** Aborts the test for this reason, if there is one; with {@code -Dwaitdaemon.engine=required} it fails. */
    static void require(Supplier<Optional<String>> reasonAgainst) {
        reasonAgainst.get().ifPresent(reason -> {
            if ("required".equals(System.getProperty("waitdaemon.engine"))) {
                throw new AssertionError(reason);
            }
            Assumptions.abort(reason);
        });
    }

    /** Why no engine can be started on this machine, if so. */
    public static Optional<String> missing() {
        if (!root()) {
            return Optional.of(
                    "A Docker Engine needs root. Run the tests as root, or without those that need an engine.");
        }
        List<String> absent = PROGRAMS.stream()
                .filter(program -> Command.find(program).isEmpty())
                .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "Not installed: " + String.join(", ", absent) + ". Run src/test/sh/install-engine as root.");
    }

    private static void install() {
        try {
            new ProcessBuilder("src/test/sh/install-engine").inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run src/test/sh/install-engine", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static boolean root() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
        } catch (IOException e) {
            return false;
        }
    }
}
