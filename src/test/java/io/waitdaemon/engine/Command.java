package io.waitdaemon.engine;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Child processes that can neither block on a full pipe nor outlive their time. */
final class Command {

    private Command() {}

    static Result run(String... command) {
        return run(List.of(command), Map.of(), Duration.ofSeconds(30));
    }

    /** Runs to the end; a command that takes longer than the limit is killed and reported with what it said so far. */
    static Result run(List<String> command, Map<String, String> environment, Duration limit) {
        Process process = start(command, environment, ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.PIPE);
        CompletableFuture<String> out = drain(process.getInputStream());
        CompletableFuture<String> err = drain(process.getErrorStream());
        try {
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            Result result = new Result(command, process.exitValue(), collect(out), collect(err));
            if (!ended) {
                throw new AssertionError("Killed after " + limit + ": " + result);
            }
            return result;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while '" + String.join(" ", command) + "' ran", e);
        }
    }

    /** Starts with no input, and with none of the variables by which a developer's shell steers Docker clients and engines. */
    static Process start(
            List<String> command,
            Map<String, String> environment,
            ProcessBuilder.Redirect out,
            ProcessBuilder.Redirect err) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(out)
                .redirectError(err);
        builder.environment().keySet().removeIf(key -> key.startsWith("DOCKER_") || key.startsWith("REGISTRY_"));
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start '" + command.getFirst() + "'", e);
        }
    }

    /** Where a program is; the administrator's folders are searched too, since a user's PATH often lacks them. */
    static Optional<Path> find(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        return Stream.concat(Arrays.stream(path.split(":")), Stream.of("/usr/local/sbin", "/usr/sbin", "/sbin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** As {@link #find}, for a program that cannot be done without. */
    static String need(String program) {
        return find(program)
                .map(Path::toString)
                .orElseThrow(() -> new IllegalStateException(
                        "'" + program + "' is not installed. Run src/test/sh/install-engine as root."));
    }

    private static CompletableFuture<String> drain(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.complete("(unreadable: " + e.getMessage() + ")");
            }
        });
        return text;
    }

    /** A grandchild may hold the pipe open for ever, so the end of the stream has a limit of its own. */
    private static String collect(CompletableFuture<String> text) throws InterruptedException {
        try {
            return text.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return "(the stream stayed open after the end of the process)";
        }
    }
}
