package io.waitdaemon.container;

import java.util.regex.Pattern;

/**
 * The identifier that an engine gave a container.
 *
 * @param value 64 lower-case hexadecimal digits with Docker and nerdctl; any other engine's own, never blank
 */
public record ContainerId(String value) {

    private static final int SHORT_LENGTH = 12;
    private static final Pattern FULL = Pattern.compile("[0-9a-f]{64}");

    public ContainerId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a container id cannot be blank");
        }
    }

    /** Whether the text has the form of a full id; says nothing about an engine knowing it. */
    public static boolean isFull(String text) {
        return FULL.matcher(text).matches();
    }

    /** The first 12 characters: what {@code docker ps} shows and what Docker makes the hostname. */
    public String shortForm() {
        return value.substring(0, Math.min(SHORT_LENGTH, value.length()));
    }

    @Override
    public String toString() {
        return value;
    }
}
