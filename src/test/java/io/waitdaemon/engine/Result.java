package io.waitdaemon.engine;

import java.util.List;

/** How a command ended, and all that it said on both streams. */
public record Result(List<String> command, int exit, String out, String err) {

    public Result {
        command = List.copyOf(command);
    }

    /** This result, or an {@link AssertionError} with everything that the command said. */
    public Result ok() {
        if (exit != 0) {
            throw new AssertionError(this.toString());
        }
        return this;
    }

    /** Standard output without the newline at its end: an id, most of the time. */
    public String line() {
        return out.strip();
    }

    @Override
    public String toString() {
        return "'%s' ended with %d%n--- stdout%n%s%n--- stderr%n%s"
                .formatted(String.join(" ", command), exit, out.strip(), err.strip());
    }
}
