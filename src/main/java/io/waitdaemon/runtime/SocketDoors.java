package io.waitdaemon.runtime;

import io.waitdaemon.runtime.EngineException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The ways in to engines of one kind on this machine, likeliest first: sockets that were mounted, then those in the host
 * root at the usual places, then every other one that the engine's process listens on there.
 *
 * @param engine name of the kind, for descriptions
 * @param daemon name of the engine's process
 * @param mounted usual paths in a container
 * @param onHost usual paths on a host
 * @param elsewhere what to say about a socket that is none, such as where else it may be on the host
 */
public record SocketDoors(String engine, String daemon, List<Path> mounted, List<Path> onHost, String elsewhere) {

    private static final Path PROC = Path.of("/proc");

    /** What containerd appends to the path of its main socket for a second one, which never answers a gRPC call. */
    private static final String TTRPC = ".ttrpc";

    public SocketDoors {
        mounted = List.copyOf(mounted);
        onHost = List.copyOf(onHost);
    }

    /** @param opener connects to the socket and asks for a sign of life */
    public Stream<Door> all(Function<SocketPlace, ContainerEngine> opener) {
        return Stream.concat(
                mounted.stream().map(socket -> at(socket, opener)),
                Stream.of(opener).flatMap(this::inHostRoot));
    }

    /**
     * The ways in by a socket that the user named: in this container, or else at this path in the host root, as its first
     * process or an engine sees it.
     */
    public Stream<Door> named(Path socket, Function<SocketPlace, ContainerEngine> opener) {
        HostRoot host = new HostRoot(PROC);
        if (Files.exists(socket) || host.obstacle().isPresent()) {
            return Stream.of(at(socket, opener));
        }
        List<Door> onThisHost = Stream.concat(host.ofInit(socket).stream(), host.ofDaemons(daemon, socket).stream())
                .map(reached -> door(new SocketPlace.OnHost(host, reached, socket), opener))
                .toList();
        return onThisHost.isEmpty() ? Stream.of(at(socket, opener)) : onThisHost.stream();
    }

    private Door at(Path socket, Function<SocketPlace, ContainerEngine> opener) {
        return door(new SocketPlace.Mounted(socket), opener);
    }

    private Stream<Door> inHostRoot(Function<SocketPlace, ContainerEngine> opener) {
        HostRoot host = new HostRoot(PROC);
        Optional<String> obstacle = host.obstacle();
        if (obstacle.isPresent()) {
            return Stream.of(closed(obstacle.get()));
        }
        Stream<Door> known = onHost.stream().flatMap(path -> host.ofInit(path).stream()
                .map(reached -> door(new SocketPlace.OnHost(host, reached, path), opener)));
        Stream<Door> listening = Stream.of(daemon)
                .flatMap(name -> host.listening(name).stream())
                .filter(socket -> !socket.bound().toString().endsWith(TTRPC))
                .map(socket -> door(new SocketPlace.OnHost(host, socket.reached(), socket.bound()), opener));
        Door nothingMore =
                closed("nothing more to be found; looking into the host root takes pid: host and a privileged"
                        + " action or one with CAP_SYS_PTRACE");
        return Stream.of(known, listening, Stream.of(nothingMore)).flatMap(doors -> doors);
    }

    private Door closed(String reason) {
        return new Door(engine + " through the host root", () -> {
            throw new EngineException(Kind.REFUSED, reason);
        });
    }

    private Door door(SocketPlace place, Function<SocketPlace, ContainerEngine> opener) {
        Path socket = place.reached();
        return new Door(engine + " at unix://" + socket, () -> {
            if (!Files.exists(socket)) {
                throw new EngineException(
                        Kind.REFUSED,
                        "no such file; mount it (volumes: " + mounted.getFirst() + ":"
                                + (mounted.contains(socket) ? mounted.getFirst() : socket)
                                + ") or run the action with pid: host");
            }
            if (Files.isDirectory(socket)) {
                throw new EngineException(
                        Kind.REFUSED,
                        "is a folder, not a socket; an engine makes one when the path to mount does not exist on the host."
                                + " Mount the path that the engine's socket has there" + elsewhere);
            }
            if (Files.isRegularFile(socket)) {
                throw new EngineException(Kind.REFUSED, "is not a socket; mount the engine's socket there");
            }
            return opener.apply(place);
        });
    }
}
