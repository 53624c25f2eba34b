package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.RuntimeProvider;
import io.waitdaemon.runtime.SocketDoors;
import io.waitdaemon.runtime.SocketPlace;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** containerd: {@code CONTAINERD_ADDRESS} where it is set, else the socket that is mounted, else those in the host root. */
public final class ContainerdProvider implements RuntimeProvider {

    static final String NAME = "containerd";

    /** The name of the engine's process. */
    static final String DAEMON = "containerd";

    private static final OwnProcess OWN_PROCESS = new OwnProcess(Path.of("/proc"), Path.of("/"));
    private static final SocketDoors SOCKETS = new SocketDoors(
            NAME,
            DAEMON,
            List.of(Path.of("/run/containerd/containerd.sock")),
            List.of(Path.of("/run/containerd/containerd.sock")),
            "");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Stream<Door> doors(Endpoints endpoints) {
        return endpoints
                .containerd()
                .address()
                .map(address -> named(address, endpoints))
                .orElseGet(() -> SOCKETS.all(place -> open(place, endpoints)));
    }

    @Override
    public LaunchRuntime reconnect(LaunchOrder order) {
        return new ContainerdLaunch(new ContainerdApi(WaiterAccess.address(order)), order);
    }

    private static Stream<Door> named(URI uri, Endpoints endpoints) {
        ContainerdAddress address =
                new ContainerdAddress(uri, endpoints.containerd().tls());
        return address.socket()
                .map(socket -> SOCKETS.named(socket, place -> open(place, endpoints)))
                .orElseGet(() -> Stream.of(
                        new Door(NAME + " at " + uri, () -> open(address, new EngineWay.Remote(address), endpoints))));
    }

    private static ContainerEngine open(SocketPlace place, Endpoints endpoints) {
        return open(ContainerdAddress.unix(place.reached()), new EngineWay.Local(place), endpoints);
    }

    private static ContainerEngine open(ContainerdAddress address, EngineWay way, Endpoints endpoints) {
        ContainerdApi api = new ContainerdApi(address);
        try {
            long pidNamespace = api.server().getPidns();
            return new ContainerdEngine(api, way, endpoints, OWN_PROCESS, pidNamespace);
        } catch (EngineException e) {
            api.close();
            throw e;
        }
    }
}
