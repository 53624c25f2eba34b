package io.waitdaemon.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes any unix socket's path one that can be connected to. */
public final class SocketPath {

    /** {@code sun_path} of unix(7) has 108 bytes, the last of which the JDK keeps for the terminating zero. */
    private static final int LONGEST = 107;

    private SocketPath() {}

    /** The path itself, or one through a short symbolic link to its folder where it is too long for the kernel. */
    public static Path connectable(Path socket) {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
            return socket;
        }
        try {
            Path link = Files.createTempDirectory("wd").resolve("s");
            Files.createSymbolicLink(link, socket.getParent());
            return link.resolve(socket.getFileName());
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.REFUSED,
                    "the path \"" + socket
                            + "\" is too long for a socket, and a shorter link to it cannot be made in /tmp: "
                            + e.getMessage(),
                    e);
        }
    }
}
