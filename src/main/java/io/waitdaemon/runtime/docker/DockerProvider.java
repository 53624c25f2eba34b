package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.DockerEndpoint;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.RuntimeProvider;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Docker Engine: {@code DOCKER_HOST} where it is set, else the sockets that are mounted, else those in the host root. */
public final class DockerProvider implements RuntimeProvider {

    static final String NAME = "docker";

    /** The name of the engine's process. */
    static final String DAEMON = "dockerd";

    private static final Duration PING_LIMIT = Duration.ofSeconds(5);
    private static final Path PROC = Path.of("/proc");
    private static final List<Path> MOUNTED = List.of(Path.of("/var/run/docker.sock"), Path.of("/run/docker.sock"));
    private static final List<Path> ON_HOST = List.of(
            Path.of("/run/docker.sock"), Path.of("/var/run/docker.sock"), Path.of("/var/run/docker/docker.sock"));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Stream<Door> doors(Endpoints endpoints) {
        DockerEndpoint endpoint = endpoints.docker();
        if (endpoint.host().isPresent()) {
            return Stream.of(named(endpoint.host().get(), endpoint));
        }
        Stream<Door> mounted = MOUNTED.stream().map(socket -> door(socket, new SocketOrigin.Mounted(socket), endpoint));
        return Stream.concat(mounted, Stream.of(endpoint).flatMap(DockerProvider::hostDoors));
    }

    @Override
    public LaunchRuntime reconnect(LaunchOrder order) {
        DockerAddress address = new DockerAddress(
                URI.create(order.engine().getOrDefault("host", "")),
                Optional.ofNullable(order.engine().get("certificates")).map(Path::of));
        return new DockerLaunch(new DockerApi(address), order);
    }

    private static Door named(URI host, DockerEndpoint endpoint) {
        DockerAddress address = new DockerAddress(host, endpoint.certificates());
        return address.socket()
                .map(socket -> door(socket, new SocketOrigin.Mounted(socket), endpoint))
                .orElseGet(() ->
                        new Door(describe(host), () -> open(address, new SocketOrigin.Remote(address), endpoint)));
    }

    /** Known paths below pid 1's root, then every socket that a dockerd listens on, below that process's root. */
    private static Stream<Door> hostDoors(DockerEndpoint endpoint) {
        HostRoot host = new HostRoot(PROC);
        Optional<String> obstacle = host.obstacle();
        if (obstacle.isPresent()) {
            return Stream.of(new Door("docker through the host root", () -> {
                throw new EngineException(Kind.REFUSED, obstacle.get());
            }));
        }
        Stream<Door> known = ON_HOST.stream().flatMap(path -> host.ofInit(path).stream()
                .map(reached -> door(reached, new SocketOrigin.OnHost(host, reached, path), endpoint)));
        Stream<Door> listening = Stream.of(DAEMON)
                .flatMap(daemon -> host.listening(daemon).stream())
                .map(socket -> door(
                        socket.reached(), new SocketOrigin.OnHost(host, socket.reached(), socket.bound()), endpoint));
        Door nothingThere = new Door("docker through the host root", () -> {
            throw new EngineException(
                    Kind.REFUSED,
                    "nothing more to be found; looking into the host root takes pid: host and a privileged action or one"
                            + " with CAP_SYS_PTRACE");
        });
        return Stream.of(known, listening, Stream.of(nothingThere)).flatMap(doors -> doors);
    }

    private static Door door(Path socket, SocketOrigin origin, DockerEndpoint endpoint) {
        return new Door(describe(DockerAddress.uri(socket)), () -> {
            if (!Files.exists(socket)) {
                throw new EngineException(
                        Kind.REFUSED,
                        "no such file; mount it (volumes: /var/run/docker.sock:/var/run/docker.sock) or run the action with"
                                + " pid: host");
            }
            if (Files.isDirectory(socket)) {
                throw new EngineException(
                        Kind.REFUSED,
                        "is a folder, not a socket; an engine makes one when the path to mount does not exist on the host."
                                + " Mount the path that the engine's socket has there (HookOS:"
                                + " /var/run/docker/docker.sock)");
            }
            if (Files.isRegularFile(socket)) {
                throw new EngineException(Kind.REFUSED, "is not a socket; mount the engine's socket there");
            }
            return open(DockerAddress.unix(socket), origin, endpoint);
        });
    }

    private static DockerRuntime open(DockerAddress address, SocketOrigin origin, DockerEndpoint endpoint) {
        DockerApi api = new DockerApi(address);
        try {
            api.ping(PING_LIMIT);
        } catch (EngineException e) {
            api.close();
            throw e;
        }
        return new DockerRuntime(api, origin, endpoint.configFolder());
    }

    private static String describe(URI address) {
        return NAME + " at " + address;
    }
}
