package io.waitdaemon.runtime;

/**
 * One way in to an engine. Whether it leads anywhere shows when it is opened.
 *
 * @param description what is tried, for the log: {@code docker at unix:///var/run/docker.sock}
 */
public record Door(String description, Opener opener) {

    /** Connects to the engine and asks it for a sign of life. */
    @FunctionalInterface
    public interface Opener {
        /** @throws EngineException when no engine answers, with what to do about it */
        ContainerEngine open();
    }
}
