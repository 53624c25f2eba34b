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
        return switch (status(namespace, target)) {
            case CREATED -> TargetState.CREATED;
            case RUNNING, PAUSED, PAUSING -> TargetState.STARTED;
            case STOPPED ->
                container.get().containsLabels(WaitdaemonLabels.STARTED) ? TargetState.STARTED : TargetState.CREATED;
            case UNKNOWN, UNRECOGNIZED -> throw noAnswer();
        };
    }

    /** Starts the target, unless it runs; its task is made anew first when it got lost before anybody started it. */
    static void start(ContainerdNamespace namespace, ContainerId target) {
        switch (status(namespace, target)) {
            case CREATED -> startTask(namespace, target);
            case RUNNING, PAUSED, PAUSING -> announce(namespace, target);
            case STOPPED -> {
                makeAnew(namespace, target);
                startTask(namespace, target);
            }
            case UNKNOWN, UNRECOGNIZED -> throw noAnswer();
        }
    }

    private static void startTask(ContainerdNamespace namespace, ContainerId target) {
        announce(namespace, target);
        try {
            namespace.startTask(target.value());
        } catch (EngineException e) {
            // a start whose answer was lost goes on, and another one is refused then
            if (e.kind() != Kind.REFUSED || status(namespace, target) != Status.RUNNING) {
                throw e;
            }
        }
    }

    private static void announce(ContainerdNamespace namespace, ContainerId target) {
        namespace.label(target.value(), Map.of(WaitdaemonLabels.STARTED, "true"));
    }

    /** A task that is not there counts as one that has ended. */
    private static Status status(ContainerdNamespace namespace, ContainerId target) {
        return namespace.task(target.value()).map(Process::getStatus).orElse(Status.STOPPED);
    }

    private static EngineException noAnswer() {
        return new EngineException(Kind.UNAVAILABLE, "the target's shim does not say how the target fares");
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
