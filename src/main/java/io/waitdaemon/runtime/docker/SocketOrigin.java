package io.waitdaemon.runtime.docker;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.SocketPlace;
import jakarta.json.JsonObject;
import java.util.Optional;

/** Where the way to the engine came from, which decides how the waiter gets one. */
sealed interface SocketOrigin {

    /** @param action inspection of the action container */
    EngineAccess access(JsonObject action);

    /** A socket on this machine. */
    record Local(SocketPlace place) implements SocketOrigin {
        @Override
        public EngineAccess access(JsonObject action) {
            return switch (place) {
                case SocketPlace.Mounted mounted ->
                    MountSources.of(action, mounted.reached())
                            .map(EngineAccess.Socket::new)
                            .orElseThrow(() -> new EngineException(
                                    Kind.REFUSED,
                                    "The engine's socket \"" + mounted.reached()
                                            + "\" is in this container but came in by no mount of it, so"
                                            + " it cannot be given to the waiter. Mount it (volumes: /var/run/docker.sock:"
                                            + mounted.reached() + ")."));
                case SocketPlace.OnHost found ->
                    new EngineAccess.Socket(found.host()
                            .seenByDaemon(DockerProvider.DAEMON, found.reached(), found.onHost())
                            .toString());
            };
        }
    }

    /** {@code DOCKER_HOST} names an engine on the network. */
    record Remote(DockerAddress address) implements SocketOrigin {
        @Override
        public EngineAccess access(JsonObject action) {
            Optional<String> certificates = address.certificates().map(folder -> MountSources.of(action, folder)
                    .orElseThrow(() -> new EngineException(
                            Kind.REFUSED,
                            "The TLS files in \"" + folder
                                    + "\" (DOCKER_CERT_PATH) came in by no mount, so they cannot be"
                                    + " given to the waiter. Mount the folder (volumes: /path/on/host:" + folder
                                    + ":ro).")));
            return new EngineAccess.Network(address.uri(), certificates);
        }
    }
}
