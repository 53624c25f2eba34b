package io.waitdaemon.container;

/**
 * The identifier that an engine gave a container.
 *
 * @param value 64 lower-case hexadecimal digits with Docker and nerdctl; any other engine's own, never blank
 */
public record ContainerId(String value) {

    private static final int SHORT_LENGTH = 12;

    public ContainerId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a container id cannot be blank");
        }
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
