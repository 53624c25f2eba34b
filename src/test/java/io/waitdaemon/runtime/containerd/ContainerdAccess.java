package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Timestamp;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Process;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What ctr would show and do, by the product's own calls: a contract asks some thousand times, and a process each time
 * would take longer than all that it looks at.
 */
public final class ContainerdAccess implements AutoCloseable {

    private final ContainerdApi api;
    private final ContainerdNamespace namespace;

    /** A task of containerd; {@code status} is its word for it, such as {@code RUNNING}. */
    public record Task(String status, int pid, int exit, Instant ended) {

        static Task of(Process process) {
            Timestamp at = process.getExitedAt();
            return new Task(
                    process.getStatus().name(),
                    process.getPid(),
                    process.getExitStatus(),
                    Instant.ofEpochSecond(at.getSeconds(), at.getNanos()));
        }
    }

    /** @param socket of a containerd that runs; another one is wanted when it has been started again */
    public ContainerdAccess(Path socket) {
        this.api = new ContainerdApi(ContainerdAddress.unix(socket));
        this.namespace = api.in(PrivateContainerd.NAMESPACE);
    }

    /** The ids of the containers for which all of these filters hold. */
    public List<String> containers(String... filters) {
        return namespace.containers(filters).stream().map(Container::getId).toList();
    }

    /** The container's labels; empty when there is no such container. */
    public Optional<Map<String, String>> labels(String container) {
        return namespace.container(container).map(Container::getLabelsMap);
    }

    public void label(String container, String label, String value) {
        namespace.label(container, Map.of(label, value));
    }

    /** The container's task; empty when it has none. */
    public Optional<Task> task(String container) {
        return namespace.task(container).map(Task::of);
    }

    /** All tasks, by the ids of their containers. */
    public Map<String, Task> tasks() {
        return namespace.tasks().stream().collect(Collectors.toMap(Process::getId, Task::of));
    }

    /** Takes the container away with its task, which may run, its snapshot and its output, as far as they are there. */
    public void remove(String container) {
        new Removal(namespace).remove(new ContainerId(container));
    }

    @Override
    public void close() {
        api.close();
    }
}
