package io.waitdaemon.container;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the user wants Docker to be reached; the variables of every Docker client.
 *
 * @param host {@code unix:///path} or {@code tcp://host:port} ({@code DOCKER_HOST}); empty: look for a socket
 * @param certificates folder with ca.pem, cert.pem and key.pem when TLS is asked for, as seen in this container
 * @param configFolder where config.json with registry credentials may lie ({@code DOCKER_CONFIG}); it need not exist
 */
public record DockerEndpoint(Optional<URI> host, Optional<Path> certificates, Path configFolder) {}
