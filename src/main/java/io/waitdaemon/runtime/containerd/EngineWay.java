package io.waitdaemon.runtime.containerd;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.SocketPlace;
import java.nio.file.Path;
import java.util.Optional;

/** By which way containerd is reached, which decides how the waiter reaches it. */
sealed interface EngineWay {

    /** By a socket on this machine. */
    record Local(SocketPlace place) implements EngineWay {

        /**
         * The socket's path on the engine's side.
         *
         * @throws EngineException when it came in by no mount
         */
        Path onEngine(OwnContainer action) {
            return switch (place) {
                case SocketPlace.Mounted mounted ->
                    action.spec()
                            .source(mounted.reached())
                            .orElseThrow(() -> new EngineException(
                                    Kind.REFUSED,
                                    "containerd's socket \"" + mounted.reached()
                                            + "\" is in this container but came in by no mount of it, so it cannot be given"
                                            + " to the waiter. Mount it (volumes: /run/containerd/containerd.sock:"
                                            + mounted.reached() + ")"));
                case SocketPlace.OnHost found ->
                    found.host().seenByDaemon(ContainerdProvider.DAEMON, found.reached(), found.onHost());
            };
        }
    }

    /** By an address on the network ({@code CONTAINERD_ADDRESS}). */
    record Remote(ContainerdAddress address) implements EngineWay {}

    /** The socket as this process reaches it; empty for an address on the network. */
    default Optional<Path> reachedSocket() {
        return switch (this) {
            case Local local -> Optional.of(local.place().reached());
            case Remote remote -> Optional.empty();
        };
    }
}
