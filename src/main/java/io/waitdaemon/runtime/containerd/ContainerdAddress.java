package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.TlsFiles;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where containerd is reached from this process.
 *
 * @param uri {@code unix:///path}, {@code tcp://host:port}, {@code http://host:port} or {@code https://host:port}
 * @param tls files for an address on the network
 */
record ContainerdAddress(URI uri, TlsFiles tls) {

    static ContainerdAddress unix(Path socket) {
        try {
            return new ContainerdAddress(new URI("unix", "", socket.toString(), null, null), TlsFiles.NONE);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The socket's path; empty for an address on the network. */
    Optional<Path> socket() {
        return "unix".equals(uri.getScheme()) ? Optional.of(Path.of(uri.getPath())) : Optional.empty();
    }

    /** Whether TLS is spoken: by the scheme, or because there are files for it. */
    boolean secure() {
        return "https".equals(uri.getScheme()) || !tls.equals(TlsFiles.NONE);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
