package io.waitdaemon.runtime.containerd;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.NerdctlLabels;
import jakarta.json.JsonArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What network a container has, which its OCI specification tells only in part. */
sealed interface Network {

    Logger LOG = Logger.getLogger(Network.class);

    /** The engine's machine's own. */
    record Host() implements Network {}

    /** A network namespace without any connection. */
    record None() implements Network {}

    /**
     * Another container's.
     *
     * @param path of the network namespace on the engine's side
     */
    record Joined(String path) implements Network {}

    /** Networks that plugins connect a network namespace to. */
    record Cni(List<CniNetwork> networks) implements Network {
        public Cni {
            networks = List.copyOf(networks);
        }
    }

    /** As nerdctl writes it on a label, where {@code ps} and {@code rm} look. */
    default List<String> names() {
        return switch (this) {
            case Host host -> List.of("host");
            case None none -> List.of("none");
            case Joined joined -> List.of("none");
            case Cni cni -> cni.networks().stream().map(CniNetwork::name).toList();
        };
    }

    /**
     * The network of the action container.
     *
     * @param connected whether this process sees a network interface besides the loopback one
     */
    static Network of(OwnContainer action, boolean connected, EngineFiles files) {
        if (!action.spec().hasNamespace("network")) {
            return new Host();
        }
        Optional<String> path = action.spec().namespacePath("network");
        if (path.isPresent()) {
            return new Joined(path.get());
        }
        Map<String, String> labels = action.record().getLabelsMap();
        List<String> names = NerdctlLabels.networks(labels);
        if (names.contains("none") || (names.isEmpty() && !connected)) {
            return new None();
        }
        Optional<Path> folder = files.reach(CniNetwork.FOLDER);
        if (folder.isEmpty()) {
            LOG.infof(
                    "The configurations of the action's network are out of reach, so the target gets Tinkerbell's default"
                            + " network. If the machine has another one, mount %s of the host read-only, or run the action"
                            + " with pid: host.",
                    CniNetwork.FOLDER);
        }
        List<CniNetwork> configured = folder.map(CniNetwork::readAll).orElse(List.of());
        List<CniNetwork> networks = new ArrayList<>();
        if (names.isEmpty()) {
            networks.add(configured.isEmpty() ? TinkerbellNetwork.get() : configured.getFirst());
        }
        for (String name : names) {
            networks.add(configured.stream()
                    .filter(network -> network.name().equals(name))
                    .findFirst()
                    .orElseGet(() -> substitute(name, folder)));
        }
        JsonArray ports = NerdctlLabels.array(labels.getOrDefault(NerdctlLabels.PORTS, ""));
        return new Cni(
                networks.stream().map(network -> network.withPorts(ports)).toList());
    }

    private static CniNetwork substitute(String name, Optional<Path> folder) {
        if (folder.isPresent()) {
            throw new EngineException(
                    Kind.REFUSED,
                    "the action's network \"" + name + "\" has no configuration in " + CniNetwork.FOLDER
                            + " any more; create it again");
        }
        return TinkerbellNetwork.get();
    }
}
