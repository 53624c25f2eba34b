package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.DockerEndpoint;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.RuntimeProvider;
import io.waitdaemon.runtime.SocketDoors;
import io.waitdaemon.runtime.SocketPlace;
import java.net.URI;
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
    private static final SocketDoors SOCKETS = new SocketDoors(
            NAME,
            DAEMON,
            List.of(Path.of("/var/run/docker.sock"), Path.of("/run/docker.sock")),
            List.of(
                    Path.of("/run/docker.sock"),
                    Path.of("/var/run/docker.sock"),
                    Path.of("/var/run/docker/docker.sock")),
            " (HookOS: /var/run/docker/docker.sock)");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Stream<Door> doors(Endpoints endpoints) {
        DockerEndpoint endpoint = endpoints.docker();
        return endpoint.host()
                .map(host -> named(host, endpoint))
                .orElseGet(() -> SOCKETS.all(place -> open(place, endpoint)));
    }

    @Override
    public LaunchRuntime reconnect(LaunchOrder order) {
        DockerAddress address = new DockerAddress(
                URI.create(order.engine().getOrDefault("host", "")),
                Optional.ofNullable(order.engine().get("certificates")).map(Path::of));
        return new DockerLaunch(new DockerApi(address), order);
    }

    private static Stream<Door> named(URI host, DockerEndpoint endpoint) {
        DockerAddress address = new DockerAddress(host, endpoint.certificates());
        return address.socket()
                .map(socket -> SOCKETS.named(socket, place -> open(place, endpoint)))
                .orElseGet(() -> Stream.of(new Door(
                        NAME + " at " + host, () -> open(address, new SocketOrigin.Remote(address), endpoint))));
    }

    private static ContainerEngine open(SocketPlace place, DockerEndpoint endpoint) {
        return open(DockerAddress.unix(place.reached()), new SocketOrigin.Local(place), endpoint);
    }

    private static ContainerEngine open(DockerAddress address, SocketOrigin origin, DockerEndpoint endpoint) {
        DockerApi api = new DockerApi(address);
        try {
            api.ping(PING_LIMIT);
        } catch (EngineException e) {
            api.close();
            throw e;
        }
        return new DockerEngine(api, origin, endpoint.configFolder());
    }
}
