package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        if (!action.hasNamespace("network")) {
            return new Host();
        }
        Optional<String> path = action.namespacePath("network");
        if (path.isPresent()) {
            return new Joined(path.get());
        }
        List<String> names = names(action);
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
        JsonArray ports = ports(action);
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

    private static List<String> names(OwnContainer action) {
        String label = action.record().getLabelsOrDefault(Nerdctl.NETWORKS, "");
        return label.isEmpty() ? List.of() : Json.texts(wrapped(label), "all");
    }

    private static JsonArray ports(OwnContainer action) {
        String label = action.record().getLabelsOrDefault(Nerdctl.PORTS, "");
        JsonObject wrapped = label.isEmpty() ? JsonObject.EMPTY_JSON_OBJECT : wrapped(label);
        return wrapped.get("all") instanceof JsonArray ports ? ports : JsonArray.EMPTY_JSON_ARRAY;
    }

    /** A label that holds an array, as an object: a label that holds anything else counts as none. */
    private static JsonObject wrapped(String label) {
        try {
            return Json.object("{\"all\":" + label + "}");
        } catch (JsonException e) {
            return JsonObject.EMPTY_JSON_OBJECT;
        }
    }
}
