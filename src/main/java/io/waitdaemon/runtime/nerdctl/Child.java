package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A program that is run to its end. Neither of its streams can block it, and when its time is up it is ended with all that it
 * has started. It may be run while this process is ending, when what was created is to be removed again.
 *
 * @param line the program and its arguments
 * @param environment all of it
 * @param input for its standard input
 */
record Child(List<String> line, Map<String, String> environment, String input, Duration limit) {

    private static final Logger LOG = Logger.getLogger(Child.class);

    /** How long what it wrote is waited for after its end: a process that it left behind may keep the streams open. */
    private static final Duration REST = Duration.ofSeconds(2);

    /**
     * The exit code.
     *
     * @param out gets each line of standard output as soon as it is there, on a thread of its own
     * @param err the same of standard error
     * @throws EngineException when it cannot be run, or its time was up
     */
    int run(Consumer<String> out, Consumer<String> err) {
        Process process = start();
        Thread writer = thread("input", () -> write(process.getOutputStream()));
        List<Thread> readers = List.of(
                thread("output", () -> read(process.inputReader(StandardCharsets.UTF_8), out)),
                thread("errors", () -> read(process.errorReader(StandardCharsets.UTF_8), err)));
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                end(process);
                throw new EngineException(Kind.UNAVAILABLE, "no answer within " + limit.toSeconds() + " s");
            }
            for (Thread reader : readers) {
                reader.join(REST);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            end(process);
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.UNAVAILABLE, "interrupted while waiting for " + line.getFirst(), e);
        } finally {
            writer.interrupt();
        }
    }

    private Process start() {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new EngineException(Kind.REFUSED, "cannot run " + line.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /** nsenter's child is one of the host's processes and would outlive nsenter. */
    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void write(OutputStream stream) {
        try (stream) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("It has ended without reading all of its input.", e);
        }
    }

    private static void read(BufferedReader stream, Consumer<String> lines) {
        try (stream) {
            for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            LOG.debug("It was ended by force.", e);
        }
    }

    private static Thread thread(String stream, Runnable work) {
        return Thread.ofPlatform().daemon().name("child-" + stream).start(work);
    }
}
