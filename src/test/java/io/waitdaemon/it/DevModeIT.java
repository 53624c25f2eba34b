package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does {@code ./mvnw quarkus:dev} show a handoff without an engine, and another one when a source file is saved? */
class DevModeIT {

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final Path EDITED = Path.of("src/main/java/io/waitdaemon/runtime/embedded/EmbeddedProvider.java");

    @TempDir
    private Path project;

    @Test
    void saved_source_file_runs_the_handoff_again() throws IOException, InterruptedException {
        for (String part : new String[] {"pom.xml", "mvnw", ".mvn", "src/main"}) {
            copy(Path.of(part));
        }
        Process dev = new ProcessBuilder(
                        "./mvnw", "--batch-mode", "--no-transfer-progress", "quarkus:dev", "-Ddebug=false")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            BlockingQueue<String> lines = new LinkedBlockingQueue<>();
            Thread.ofVirtual().start(() -> read(dev, lines));

            await(lines, "Hello from the target");
            await(lines, "The target ended with exit code 0");
            String source = Files.readString(project.resolve(EDITED));
            Files.writeString(project.resolve(EDITED), source.replace("Hello from", "Hello again from"));

            await(lines, "Hello again from the target");
        } finally {
            dev.descendants().forEach(ProcessHandle::destroyForcibly);
            dev.destroyForcibly().waitFor();
        }
    }

    private static void read(Process process, BlockingQueue<String> lines) {
        try (BufferedReader output = process.inputReader()) {
            output.lines().forEach(lines::add);
        } catch (IOException e) {
            lines.add("reading ended: " + e);
        }
    }

    private static void await(BlockingQueue<String> lines, String wanted) throws InterruptedException {
        StringBuilder seen = new StringBuilder();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(line).as("a line with '%s' in:%n%s", wanted, seen).isNotNull();
            seen.append(line).append('\n');
            if (line.contains(wanted)) {
                return;
            }
        }
    }

    private void copy(Path part) throws IOException {
        try (Stream<Path> files = Files.walk(part)) {
            for (Path file : files.toList()) {
                Files.createDirectories(project.resolve(file).getParent());
                if (Files.isRegularFile(file)) {
                    Files.copy(file, project.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }
}
