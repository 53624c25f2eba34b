package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a guest has written on its serial console since it was started or restored: the witness of what happens to the machine. */
public final class GuestConsole {

    private final Path file;
    private final BooleanSupplier alive;

    GuestConsole(Path file, BooleanSupplier alive) {
        this.file = file;
        this.alive = alive;
    }

    /** Waits for a line in which the pattern is found; an error shows the console. */
    public Matcher await(String pattern, Duration limit) {
        return await(pattern, 1, limit);
    }

    /** As {@link #await(String, Duration)}, for the line that is the n-th of its kind, from 1. */
    public Matcher await(String pattern, int number, Duration limit) {
        Pattern compiled = Pattern.compile(pattern);
        Await.until(
                limit,
                () -> found(compiled).size() >= number || !alive.getAsBoolean(),
                () -> "Not on the guest's console within " + limit + ": '" + pattern + "' #" + number + "\n" + text());
        if (found(compiled).size() < number) {
            throw new AssertionError("The guest ended before '" + pattern + "' #" + number + "\n" + text());
        }
        return found(compiled).get(number - 1);
    }

    public List<String> lines() {
        return text().lines().toList();
    }

    public String text() {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Matcher> found(Pattern pattern) {
        return lines().stream().map(pattern::matcher).filter(Matcher::find).toList();
    }
}
