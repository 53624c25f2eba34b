package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.DockersNamespace;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Mount;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A containerd that answers: finds the container that asks, in whatever namespace it is. */
final class ContainerdEngine implements ContainerEngine {

    private static final String UPPER_DIR = "upperdir=";

    private final ContainerdApi api;
    private final EngineWay way;
    private final Endpoints endpoints;
    private final OwnProcess process;
    private final long pidNamespace;
    private final Map<ContainerId, OwnContainer> seen = new HashMap<>();

    /** @param pidNamespace inode of containerd's own pid namespace; 0 when it does not say, as 1.6 */
    ContainerdEngine(ContainerdApi api, EngineWay way, Endpoints endpoints, OwnProcess process, long pidNamespace) {
        this.api = api;
        this.way = way;
        this.endpoints = endpoints;
        this.process = process;
        this.pidNamespace = pidNamespace;
    }

    /** Looks first in the namespace that the user named, or Tinkerbell's; names mean nothing to containerd. */
    @Override
    public Optional<ContainerFacts> lookUp(String idOrName) {
        if (!idOrName.matches("[0-9a-f]{12,64}")) {
            return Optional.empty();
        }
        return namespaces()
                .flatMap(namespace ->
                        namespace.containers("id~=^" + idOrName).stream().map(container -> facts(namespace, container)))
                .findFirst();
    }

    @Override
    public List<ContainerFacts> running() {
        return namespaces()
                .filter(namespace -> !DockersNamespace.isOne(namespace.name()))
                .flatMap(namespace -> namespace.tasks().stream()
                        .filter(task -> task.getStatus() == Status.RUNNING)
                        .flatMap(task -> namespace.container(task.getId()).stream())
                        .map(container -> facts(namespace, container)))
                .toList();
    }

    @Override
    public ContainerRuntime runtimeFor(ContainerFacts action) {
        OwnContainer own = Objects.requireNonNull(seen.get(action.id()));
        return new ContainerdRuntime(api, api.in(own.namespace()), own, way, endpoints, process);
    }

    @Override
    public void close() {
        api.close();
    }

    private Stream<ContainerdNamespace> namespaces() {
        String first = endpoints.containerd().namespace();
        Stream<String> others = Stream.of(api)
                .flatMap(connected -> connected.namespaces().stream())
                .filter(name -> !name.equals(first));
        return Stream.concat(Stream.of(first), others).map(api::in);
    }

    private ContainerFacts facts(ContainerdNamespace namespace, Container container) {
        DockersNamespace.refuse(namespace.name());
        OwnContainer own = OwnContainer.of(namespace.name(), container);
        seen.put(own.id(), own);
        Optional<Process> task = namespace.task(container.getId());
        boolean samePids = pidNamespace == 0 || pidNamespace == process.pidNamespace();
        return new ContainerFacts(
                own.id(),
                own.name(),
                task.map(Process::getStatus).filter(Status.RUNNING::equals).isPresent(),
                task.map(Process::getPid).orElse(0),
                samePids && !own.spec().hasNamespace("pid"),
                upperDir(namespace, container),
                Json.texts(own.spec().process(), "env"));
    }

    /** Empty also for a container that has no snapshot, such as one of a root file system that was there already. */
    private static Optional<String> upperDir(ContainerdNamespace namespace, Container container) {
        if (container.getSnapshotter().isEmpty() || container.getSnapshotKey().isEmpty()) {
            return Optional.empty();
        }
        return namespace.mounts(container.getSnapshotter(), container.getSnapshotKey()).stream()
                .map(Mount::getOptionsList)
                .flatMap(List::stream)
                .filter(option -> option.startsWith(UPPER_DIR))
                .map(option -> option.substring(UPPER_DIR.length()))
                .findFirst();
    }
}
