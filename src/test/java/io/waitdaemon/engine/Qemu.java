package io.waitdaemon.engine;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One process of QEMU, which is one machine. */
final class Qemu {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final Qmp monitor;

    private Qemu(Process process, Qmp monitor) {
        this.process = process;
        this.monitor = monitor;
    }

    /**
     * Returns when its monitor answers; the machine runs then.
     *
     * @param folder of its monitor's socket, and of its own complaints
     */
    static Qemu start(Path folder, List<String> options) {
        Path socket = folder.resolve("monitor");
        Path log = folder.resolve("qemu.log");
        try {
            Files.deleteIfExists(socket);
            return new Qemu(launch(options, socket, log), Qmp.connect(socket));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start QEMU in " + folder, e);
        }
    }

    private static Process launch(List<String> options, Path socket, Path log) throws IOException {
        List<String> line = new ArrayList<>(List.of(Command.need("qemu-system-x86_64")));
        line.addAll(options);
        line.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
        Process process = new ProcessBuilder(line)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Await.until(
                LIMIT,
                () -> UnixConnection.listens(socket) || !process.isAlive(),
                () -> "QEMU does not listen at " + socket);
        if (!process.isAlive()) {
            throw new AssertionError("QEMU ended at once: " + Files.readString(log));
        }
        return process;
    }

    Qmp monitor() {
        return monitor;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it such that its disk's file is whole. */
    void quit() {
        monitor.execute("quit");
        monitor.close();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("QEMU has not ended within " + LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while QEMU ended", e);
        }
    }
}
