package io.waitdaemon.runtime.docker;

import java.net.URI;
import java.util.Optional;

/** How the waiter gets to the engine; paths are as the engine sees them. */
sealed interface EngineAccess {

    /** A unix socket, which is mounted into the waiter. */
    record Socket(String engineSide) implements EngineAccess {}

    /**
     * An engine on the network; the waiter needs a network for it, and gets the action's.
     *
     * @param certificates folder with the three TLS files
     */
    record Network(URI uri, Optional<String> certificates) implements EngineAccess {}
}
