package io.waitdaemon.container;

/** Which nerdctl may be used ({@code NSENTER_HOST}). */
public enum NerdctlChoice {
    /** The one in waitdaemon's image only. */
    BUNDLED,
    /** The host's only, in the namespaces of the host's first process. */
    HOST,
    /** Whichever leads to the engine, that of the image first: it takes fewer privileges. */
    EITHER
}
