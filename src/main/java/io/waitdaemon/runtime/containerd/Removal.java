package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Removes a container with all that was made for it. The order matters: containerd lets go of a record whose task runs,
 * and of a snapshot that is mounted, and does not find the task again.
 */
final class Removal {

    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final ContainerdNamespace namespace;

    Removal(ContainerdNamespace namespace) {
        this.namespace = namespace;
    }

    /** Removes the container, running or not; content when there is none. */
    void remove(ContainerId id) {
        Optional<Container> found = namespace.container(id.value());
        if (found.isEmpty()) {
            return;
        }
        Container container = found.get();
        if (container.getLabelsMap().keySet().stream().anyMatch(Restarts::isOne)) {
            withoutRestarts(id);
        }
        removeTask(id);
        namespace.deleteContainer(id.value());
        if (!container.getSnapshotKey().isEmpty()) {
            namespace.removeSnapshot(container.getSnapshotter(), container.getSnapshotKey());
        }
        outputFolder(container)
                .ifPresent(folder -> HostShell.run(namespace, container.getRuntime(), OutputFolder.removal(folder)));
    }

    private void withoutRestarts(ContainerId id) {
        try {
            namespace.label(id.value(), Restarts.unwanted());
        } catch (EngineException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Ends the task, if there is one, and takes it away; the container stays. */
    void removeTask(ContainerId id) {
        Optional<Process> task = namespace.task(id.value());
        if (task.isPresent() && task.get().getStatus() != Status.STOPPED) {
            namespace.killTask(id.value());
            awaitEnd(id);
        }
        namespace.deleteTask(id.value());
    }

    private void awaitEnd(ContainerId id) {
        try {
            namespace.awaitExit(id.value(), END_LIMIT);
        } catch (EngineException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Only one that this container alone has: the label may name anything. */
    private static Optional<Path> outputFolder(Container container) {
        return Optional.of(container.getLabelsOrDefault(WaitdaemonLabels.OUTPUT, ""))
                .filter(folder -> folder.endsWith("/" + container.getId()))
                .map(Path::of);
    }
}
