package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.DockersNamespace;
import io.waitdaemon.runtime.OwnProcess;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A containerd that answers nerdctl: finds the container that asks, in whatever namespace it is. */
final class NerdctlEngine implements ContainerEngine {

    private final Nerdctl nerdctl;
    private final Endpoints endpoints;
    private final OwnProcess process;
    private final Map<ContainerId, Seen> seen = new HashMap<>();

    private record Seen(String namespace, NativeContainer container) {}

    NerdctlEngine(Nerdctl nerdctl, Endpoints endpoints, OwnProcess process) {
        this.nerdctl = nerdctl;
        this.endpoints = endpoints;
        this.process = process;
    }

    /** Looks first in the namespace that the user named, or Tinkerbell's; names mean nothing to containerd. */
    @Override
    public Optional<ContainerFacts> lookUp(String idOrName) {
        if (!idOrName.matches("[0-9a-f]{12,64}")) {
            return Optional.empty();
        }
        return namespaces()
                .flatMap(namespace -> find(namespace, idOrName).stream())
                .findFirst()
                .map(this::facts);
    }

    @Override
    public List<ContainerFacts> running() {
        return namespaces()
                .filter(namespace -> !DockersNamespace.isOne(namespace))
                .flatMap(namespace -> in(namespace)
                        .run("ps", "--quiet", "--no-trunc")
                        .lines()
                        .flatMap(id -> find(namespace, id).stream()))
                .map(this::facts)
                .toList();
    }

    @Override
    public ContainerRuntime runtimeFor(ContainerFacts action) {
        Seen own = Objects.requireNonNull(seen.get(action.id()));
        return new NerdctlRuntime(in(own.namespace()), own.namespace(), own.container(), endpoints, process);
    }

    /** There is nothing to close: every call is a process of its own. */
    @Override
    public void close() {}

    private Nerdctl in(String namespace) {
        return nerdctl.with("--namespace=" + namespace);
    }

    private Stream<String> namespaces() {
        String first = endpoints.containerd().namespace();
        Stream<String> others = Stream.of(nerdctl)
                .flatMap(
                        connected -> connected.run("namespace", "ls", "--quiet").lines())
                .filter(name -> !name.equals(first));
        return Stream.concat(Stream.of(first), others);
    }

    private Optional<Seen> find(String namespace, String idOrName) {
        return NativeContainer.find(in(namespace), idOrName).map(container -> new Seen(namespace, container));
    }

    private ContainerFacts facts(Seen found) {
        DockersNamespace.refuse(found.namespace());
        NativeContainer container = found.container();
        seen.put(container.id(), found);
        return new ContainerFacts(
                container.id(),
                container.name(),
                container.status() == NativeContainer.Status.RUNNING,
                container.pid(),
                !container.spec().hasNamespace("pid"),
                Optional.empty(),
                Json.texts(container.spec().process(), "env"));
    }
}
