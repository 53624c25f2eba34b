package io.waitdaemon.runtime.containerd;

import io.waitdaemon.runtime.HostRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of the engine's side as far as this process gets at them: through a mount of the action, or through the host
 * root. With neither there are none, and whoever asks has to do without.
 */
final class EngineFiles {

    private final OwnContainer own;
    private final HostRoot host;
    private final Optional<Path> socket;

    /** @param socket of containerd as this process reaches it; empty for one on the network */
    EngineFiles(OwnContainer own, HostRoot host, Optional<Path> socket) {
        this.own = own;
        this.host = host;
        this.socket = socket;
    }

    /** The engine's file or folder as one of ours. */
    Optional<Path> reach(Path onEngine) {
        return own.spec()
                .destination(onEngine)
                .filter(Files::exists)
                .or(() -> socket.flatMap(reached -> host.ofDaemon(ContainerdProvider.DAEMON, reached, onEngine)));
    }
}
