package io.waitdaemon.runtime;

import java.nio.file.Path;

/** Where an engine's socket was found. */
public sealed interface SocketPlace {

    /** The socket as this process reaches it. */
    Path reached();

    /** In this container's own file system, into which the user mounted it. */
    record Mounted(Path reached) implements SocketPlace {}

    /**
     * In the host root.
     *
     * @param onHost its path where it was found
     */
    record OnHost(HostRoot host, Path reached, Path onHost) implements SocketPlace {}
}
