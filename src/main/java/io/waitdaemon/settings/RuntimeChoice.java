package io.waitdaemon.settings;

/** The values of {@code CONTAINER_RUNTIME}. */
public enum RuntimeChoice {
    /** The first runtime, in the order of SPEC §6, that answers and knows this container. */
    AUTO,
    DOCKER,
    NERDCTL,
    CONTAINERD
}
