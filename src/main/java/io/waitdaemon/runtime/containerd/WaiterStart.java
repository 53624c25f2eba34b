package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LastWords;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Starts a waiter and waits until it has said that it can do its job, by its first note. */
final class WaiterStart {

    private static final int LAST_LINES = 5;

    /** An event may be missed, since nobody says when a subscription has taken effect; then silence makes us look. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private final ContainerdNamespace namespace;
    private final ContainerId waiter;
    private final EngineFiles files;

    WaiterStart(ContainerdNamespace namespace, ContainerId waiter, EngineFiles files) {
        this.namespace = namespace;
        this.waiter = waiter;
        this.files = files;
    }

    /** @throws EngineException when the waiter has not said so within the limit, with what it said instead */
    void run(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try (EventStream events = namespace.events(
                "topic==\"/containers/update\",event.id==\"" + waiter + "\"",
                "topic==\"/tasks/exit\",event.container_id==\"" + waiter + "\"")) {
            namespace.startTask(waiter.value());
            do {
                events.next(SILENCE);
                if (ready()) {
                    return;
                }
            } while (System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.UNAVAILABLE, "interrupted while waiting for the waiter", e);
        }
        throw new EngineException(
                Kind.UNAVAILABLE,
                "the waiter did not report that it is ready within " + limit.toSeconds() + " s" + lastWords());
    }

    private boolean ready() {
        Optional<Container> container = namespace.container(waiter.value());
        if (container
                .filter(waiting -> waiting.containsLabels(WaitdaemonLabels.NOTE))
                .isPresent()) {
            return true;
        }
        Optional<Process> task = namespace.task(waiter.value());
        if (container.isEmpty() || task.isEmpty() || task.get().getStatus() == Status.STOPPED) {
            String how = task.map(ended -> " with exit code " + ended.getExitStatus())
                    .orElse("");
            throw new EngineException(Kind.REFUSED, "the waiter ended at once" + how + lastWords());
        }
        return false;
    }

    /** Where the folder of its output can be reached from here. */
    private String lastWords() {
        Optional<List<String>> lines = namespace
                .container(waiter.value())
                .map(container -> container.getLabelsOrDefault(WaitdaemonLabels.OUTPUT, ""))
                .filter(folder -> !folder.isEmpty())
                .flatMap(folder -> files.reach(Path.of(folder)))
                .map(folder -> OutputLines.last(folder, LAST_LINES));
        return lines.map(LastWords::phrase).orElse("; what it wrote is on the host, out of reach from here");
    }
}
