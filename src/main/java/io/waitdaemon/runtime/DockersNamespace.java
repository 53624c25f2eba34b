package io.waitdaemon.runtime;

import io.waitdaemon.runtime.EngineException.Kind;

/** The namespace of containerd in which Docker Engine keeps its containers, which are Docker's to deal with. */
public final class DockersNamespace {

    private static final String NAME = "moby";

    private DockersNamespace() {}

    public static boolean isOne(String namespace) {
        return namespace.equals(NAME);
    }

    /** @throws EngineException when a container in this namespace is Docker's, with what to change */
    public static void refuse(String namespace) {
        if (isOne(namespace)) {
            throw new EngineException(
                    Kind.REFUSED,
                    "runs this container for Docker (namespace moby), so Docker Engine has to be asked: mount"
                            + " /var/run/docker.sock, or run the action privileged and with pid: host");
        }
    }
}
