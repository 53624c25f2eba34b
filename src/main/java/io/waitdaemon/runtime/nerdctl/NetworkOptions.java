package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.NerdctlLabels;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The network of the action and what belongs to it, as options of {@code nerdctl create}. */
final class NetworkOptions {

    private static final List<String> OF_ONE_ENDPOINT = List.of("ip", "ip6", "mac-address");

    private final NativeContainer action;
    private final boolean connected;
    private final Map<String, String> labels;
    private final Options options;

    /** @param connected whether this process sees a network interface besides the loopback one */
    NetworkOptions(NativeContainer action, boolean connected, Options options) {
        this.action = action;
        this.connected = connected;
        this.labels = action.labels();
        this.options = options;
    }

    /** Whether plugins connect the target to its network. */
    boolean onCni() {
        return action.spec().hasNamespace("network")
                && action.spec().namespacePath("network").isEmpty()
                && !isNone();
    }

    void add() {
        mode();
        hostname();
        if (onCni()) {
            OF_ONE_ENDPOINT.forEach(option -> label(option).ifPresent(value -> options.add(option, value)));
            action.ports().forEach(port -> options.add("publish", published(port)));
        }
        JsonObject dns = NerdctlLabels.object(label("dns").orElse(""));
        options.addAll("dns", Json.texts(dns, "DNSServers"))
                .addAll("dns-search", Json.texts(dns, "DNSSearchDomains"))
                .addAll("dns-option", Json.texts(dns, "DNSResolvConfOptions"))
                .addAll("add-host", NerdctlLabels.texts(label("extraHosts").orElse("")));
    }

    /** An agent's action says nothing of networks: it gets the one that nerdctl takes by itself. */
    private void mode() {
        Optional<String> path = action.spec().namespacePath("network");
        List<String> names = NerdctlLabels.networks(labels);
        if (!action.spec().hasNamespace("network")) {
            options.add("network", "host");
        } else if (names.stream().anyMatch(name -> name.startsWith("container:"))) {
            options.add("network", names.getFirst());
        } else if (path.isPresent()) {
            options.add("network", "ns:" + path.get());
        } else if (isNone()) {
            options.add("network", "none");
        } else {
            options.addAll("network", names);
        }
    }

    private boolean isNone() {
        List<String> names = NerdctlLabels.networks(labels);
        return names.contains("none") || (names.isEmpty() && !connected);
    }

    /** The action's own, unless the engine made it of the action's id; with the host's one, there is none to be set. */
    private void hostname() {
        String own = action.spec().hostname();
        boolean joined = options.words().stream().anyMatch(word -> word.startsWith("--network=container:"));
        if (!own.isEmpty()
                && action.spec().hasNamespace("uts")
                && !joined
                && !own.equals(action.id().shortForm())) {
            options.add("hostname", own);
        }
        Optional.of(Json.text(action.spec().json(), "domainname"))
                .filter(name -> !name.isEmpty())
                .ifPresent(name -> options.add("domainname", name));
    }

    private static String published(JsonObject port) {
        String address = Json.text(port, "HostIP");
        String host = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
        return (host.isEmpty() ? "" : host + ":") + port.getInt("HostPort") + ":" + port.getInt("ContainerPort") + "/"
                + Json.text(port, "Protocol");
    }

    private Optional<String> label(String name) {
        return Optional.ofNullable(labels.get(NerdctlLabels.PREFIX + name)).filter(value -> !value.isEmpty());
    }
}
