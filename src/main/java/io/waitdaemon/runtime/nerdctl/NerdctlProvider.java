package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerdEndpoint;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.RuntimeProvider;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** nerdctl: the one in waitdaemon's image where it is there, else the host's ({@code NSENTER_HOST} decides). */
public final class NerdctlProvider implements RuntimeProvider {

    static final String NAME = "nerdctl";

    private static final Path PROC = Path.of("/proc");
    private static final OwnProcess OWN_PROCESS = new OwnProcess(PROC, Path.of("/"));
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);
    private static final int NO_SUCH_UID = -1;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Stream<Door> doors(Endpoints endpoints) {
        Stream<Place> places =
                switch (endpoints.nerdctl()) {
                    case BUNDLED -> Stream.of(Place.BUNDLED);
                    case HOST -> Stream.of(Place.HOST);
                    case EITHER -> Stream.of(Place.BUNDLED, Place.HOST);
                };
        return places.map(place -> new Door(place.description(), () -> open(place, endpoints)));
    }

    @Override
    public LaunchRuntime reconnect(LaunchOrder order) {
        return new NerdctlLaunch(order);
    }

    private static ContainerEngine open(Place place, Endpoints endpoints) {
        requireRoot();
        switch (place) {
            case BUNDLED -> requireProgram();
            case HOST -> requireHost();
        }
        Nerdctl nerdctl = new Nerdctl(place, globals(endpoints.containerd()));
        NerdctlVersion.require(nerdctl, PROBE_LIMIT);
        return new NerdctlEngine(nerdctl, endpoints, OWN_PROCESS);
    }

    private static List<String> globals(ContainerdEndpoint containerd) {
        List<String> globals = new ArrayList<>();
        containerd.address().map(NerdctlProvider::socket).ifPresent(socket -> globals.add("--address=" + socket));
        return globals;
    }

    private static String socket(URI address) {
        if (!"unix".equals(address.getScheme())) {
            throw new EngineException(
                    Kind.REFUSED,
                    "speaks to a socket of its own machine only, and CONTAINERD_ADDRESS is \"" + address
                            + "\"; use CONTAINER_RUNTIME=containerd for that address");
        }
        return address.getPath();
    }

    /** As anybody else nerdctl looks for a containerd of that user's own. */
    private static void requireRoot() {
        int uid;
        try {
            uid = (int) Files.getAttribute(PROC.resolve("self"), "unix:uid");
        } catch (java.io.IOException e) {
            uid = NO_SUCH_UID;
        }
        if (uid != 0) {
            throw new EngineException(
                    Kind.REFUSED,
                    "has to be run by root, and this container runs as user " + uid + "; leave out the action's user");
        }
    }

    private static void requireProgram() {
        String program = Place.BUNDLED.command().getFirst();
        if (!Files.isExecutable(Path.of(program))) {
            throw new EngineException(
                    Kind.REFUSED,
                    "there is none at " + program
                            + "; use the image whose tag ends with -nerdctl, or the host's nerdctl"
                            + " (pid: host, a privileged action, and NSENTER_HOST unset or true)");
        }
    }

    private static void requireHost() {
        Optional<String> obstacle = new HostRoot(PROC).obstacle();
        if (obstacle.isPresent()) {
            throw new EngineException(Kind.REFUSED, obstacle.get());
        }
    }
}
