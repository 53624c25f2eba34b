package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads what a container wrote out of its {@link OutputFolder}, whichever program has put it there. */
final class OutputLines {

    /** More than any sensible number of last lines takes; a log may be of any size. */
    private static final int TAIL = 64 * 1024;

    /** Whoever writes the files is a process of its own and may be behind, with many others beside it at such a time. */
    private static final Duration QUIET = Duration.ofMillis(500);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration GLANCE = Duration.ofMillis(50);

    private OutputLines() {}

    /** As {@link #last}, of a container that has ended, when what it wrote has arrived in the files. */
    static List<String> lastOfEnded(Path folder, int count) throws InterruptedException {
        long begin = System.nanoTime();
        long changed = begin;
        long size = size(folder);
        while (System.nanoTime() - changed < QUIET.toNanos() && System.nanoTime() - begin < PATIENCE.toNanos()) {
            Thread.sleep(GLANCE);
            long now = size(folder);
            if (now != size) {
                size = now;
                changed = System.nanoTime();
            }
        }
        return last(folder, count);
    }

    /** The last lines, oldest first; empty when there are none or they cannot be read. */
    static List<String> last(Path folder, int count) {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> lines = files.sorted(Comparator.reverseOrder())
                    .flatMap(file -> lines(file).stream())
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException e) {
            return List.of();
        }
    }

    private static long size(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static List<String> lines(Path file) {
        String name = file.getFileName().toString();
        if (name.endsWith(OutputFolder.JSON_LOG)) {
            return tail(file).stream().map(OutputLines::text).toList();
        }
        return List.of(OutputFolder.OUTPUT, OutputFolder.STDOUT, OutputFolder.STDERR)
                        .contains(name)
                ? tail(file)
                : List.of();
    }

    /** The text of a line in the form of the json-file driver. */
    private static String text(String line) {
        try {
            return Json.text(Json.object(line), "log").stripTrailing();
        } catch (JsonException e) {
            return line;
        }
    }

    private static List<String> tail(Path file) {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            long begin = Math.max(0, opened.length() - TAIL);
            byte[] bytes = new byte[(int) (opened.length() - begin)];
            opened.seek(begin);
            opened.readFully(bytes);
            List<String> lines =
                    new String(bytes, StandardCharsets.UTF_8).lines().toList();
            // the first may have lost its beginning
            return begin > 0 && lines.size() > 1 ? lines.subList(1, lines.size()) : lines;
        } catch (IOException e) {
            return List.of();
        }
    }
}
