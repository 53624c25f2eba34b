package io.waitdaemon.runtime.docker;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an engine is reached from this process.
 *
 * @param uri {@code unix:///path} or {@code tcp://host:port}
 * @param certificates folder with ca.pem, cert.pem and key.pem; present when TLS is spoken
 */
record DockerAddress(URI uri, Optional<Path> certificates) {

    static DockerAddress unix(Path socket) {
        return new DockerAddress(uri(socket), Optional.empty());
    }

    /** A socket's path as an address, whatever characters are in it. */
    static URI uri(Path socket) {
        try {
            return new URI("unix", "", socket.toString(), null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The socket's path; empty for an engine that is reached over the network. */
    Optional<Path> socket() {
        return "unix".equals(uri.getScheme()) ? Optional.of(Path.of(uri.getPath())) : Optional.empty();
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
