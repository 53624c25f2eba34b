package io.waitdaemon.container;

/** Where the engines are, as far as the user said so. */
public record Endpoints(DockerEndpoint docker, ContainerdEndpoint containerd, NerdctlChoice nerdctl) {}
