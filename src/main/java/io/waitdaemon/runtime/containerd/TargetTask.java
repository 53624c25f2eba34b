package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime.TargetState;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.Status;
import java.util.Map;
import java.util.Optional;

/**
 * Has a target been started? containerd keeps no time of a start, and a task that was created and not started may get
 * lost (killed for want of memory, or with its shim) and looks like one that has ended then. So the start is announced on
 * a label before it is asked for: a task that still waits was not started, whatever the label says; one that has gone was,
 * if the label says so, and is made anew if it does not.
 */
final class TargetTask {

    private TargetTask() {}

    static TargetState state(ContainerdNamespace namespace, ContainerId target) {
        Optional<Container> container = namespace.container(target.value());
        if (container.isEmpty()) {
            return TargetState.GONE;
        }
        Status status = namespace.task(target.value()).map(Process::getStatus).orElse(Status.STOPPED);
        return switch (status) {
            case CREATED -> TargetState.CREATED;
            case RUNNING, PAUSED, PAUSING -> TargetState.STARTED;
            case STOPPED, UNKNOWN, UNRECOGNIZED ->
                container.get().containsLabels(WaitdaemonLabels.STARTED) ? TargetState.STARTED : TargetState.CREATED;
        };
    }

    /** Starts the target; its task is made anew first when it got lost before anybody started it. */
    static void start(ContainerdNamespace namespace, ContainerId target) {
        if (namespace.task(target.value()).map(Process::getStatus).orElse(Status.STOPPED) != Status.CREATED) {
            makeAnew(namespace, target);
        }
        namespace.label(target.value(), Map.of(WaitdaemonLabels.STARTED, "true"));
        namespace.startTask(target.value());
    }

    private static void makeAnew(ContainerdNamespace namespace, ContainerId target) {
        Container container = namespace
                .container(target.value())
                .orElseThrow(() -> new EngineException(Kind.NOT_FOUND, "the target has been removed"));
        if (container.containsLabels(WaitdaemonLabels.STARTED)) {
            throw new EngineException(Kind.REFUSED, "the target has been started already and has ended");
        }
        new Removal(namespace).removeTask(target);
        new ContainerCreation(namespace).recreateTask(container, container.getLabelsOrDefault(Nerdctl.LOG_URI, ""));
    }
}
