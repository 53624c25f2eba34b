package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
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

    /** Waits for a line in which the pattern is found, the first of its kind; an error shows the console. */
    public Matcher await(String pattern, Duration limit) {
        Pattern compiled = Pattern.compile(pattern);
        Await.until(
                limit,
                () -> found(compiled).isPresent() || !alive.getAsBoolean(),
                () -> "Not on the guest's console within " + limit + ": '" + pattern + "'\n" + text());
        return found(compiled)
                .orElseThrow(() -> new AssertionError("The guest ended before '" + pattern + "'\n" + text()));
    }

    public String text() {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In lines that are whole. */
    private Optional<Matcher> found(Pattern pattern) {
        String text = text();
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .findFirst();
    }
}
