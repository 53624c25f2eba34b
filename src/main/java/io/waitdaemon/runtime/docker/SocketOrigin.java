package io.waitdaemon.runtime.docker;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.Optional;

/** Where the way to the engine came from, which decides how the waiter gets one. */
sealed interface SocketOrigin {

    /** @param action inspection of the action container */
    EngineAccess access(JsonObject action);

    /** The user mounted the socket, or its folder, into the action container. */
    record Mounted(Path socket) implements SocketOrigin {
        @Override
        public EngineAccess access(JsonObject action) {
            return MountSources.of(action, socket)
                    .map(EngineAccess.Socket::new)
                    .orElseThrow(() -> new EngineException(
                            Kind.REFUSED,
                            "The engine's socket \"" + socket
                                    + "\" is in this container but came in by no mount of it, so"
                                    + " it cannot be given to the waiter. Mount it (volumes: /var/run/docker.sock:"
                                    + socket + ")."));
        }
    }

    /**
     * The socket was found in the host root.
     *
     * @param reached the socket as this process reaches it
     * @param onHost its path where it was found
     */
    record OnHost(HostRoot host, Path reached, Path onHost) implements SocketOrigin {
        @Override
        public EngineAccess access(JsonObject action) {
            return new EngineAccess.Socket(
                    host.seenByDaemon(DockerProvider.DAEMON, reached, onHost).toString());
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
