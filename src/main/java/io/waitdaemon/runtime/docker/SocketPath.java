package io.waitdaemon.runtime.docker;

import io.waitdaemon.runtime.EngineException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes any unix socket's path one that can be connected to. */
final class SocketPath {

    /** {@code sun_path} of unix(7) has 108 bytes, the last of which the JDK keeps for the terminating zero. */
    private static final int LONGEST = 107;

    private SocketPath() {}

    /** The address itself, or a short symbolic link to the socket's folder where its path is too long for the kernel. */
    static URI connectable(URI address) {
        if (!"unix".equals(address.getScheme())
                || address.getPath().getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
            return address;
        }
        Path socket = Path.of(address.getPath());
        try {
            Path link = Files.createTempDirectory("wd").resolve("s");
            Files.createSymbolicLink(link, socket.getParent());
            return DockerAddress.uri(link.resolve(socket.getFileName()));
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
