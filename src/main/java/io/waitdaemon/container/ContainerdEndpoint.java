package io.waitdaemon.container;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the user wants containerd to be reached.
 *
 * @param address {@code unix:///path}, {@code tcp://host:port} or {@code http(s)://host:port} ({@code
 *     CONTAINERD_ADDRESS}); empty: look for a socket
 * @param namespace where the action is looked for first ({@code CONTAINERD_NAMESPACE})
 * @param tls the files for TLS, as seen in this container
 * @param outputFolder folder on the engine's side for the output of containers ({@code CONTAINERD_IO_DIR}); empty: where
 *     nerdctl keeps its logs
 */
public record ContainerdEndpoint(Optional<URI> address, String namespace, TlsFiles tls, Optional<Path> outputFolder) {

    /** Tinkerbell's. */
    public static final String DEFAULT_NAMESPACE = "tinkerbell";
}
