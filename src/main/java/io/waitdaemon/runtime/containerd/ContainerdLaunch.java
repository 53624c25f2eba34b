package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Timestamp;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.Status;
import io.waitdaemon.runtime.containerd.api.WaitResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The waiter's side of containerd. The waiter's notes are a label on its own container. */
final class ContainerdLaunch implements LaunchRuntime {

    /** What a process is ended with for want of memory: 128 + SIGKILL. */
    private static final int KILLED = 137;

    /** The event that tells of the want of memory comes by another way than the end, and a moment later at most. */
    private static final Duration OUT_OF_MEMORY_NEWS = Duration.ofMillis(500);

    private final ContainerdApi api;
    private final ContainerdNamespace namespace;
    private final ContainerId self;

    ContainerdLaunch(ContainerdApi api, LaunchOrder order) {
        this.api = api;
        this.namespace = api.in(WaiterAccess.namespace(order));
        this.self = WaiterAccess.self(order);
    }

    @Override
    public ActionState awaitAction(ContainerId action, Duration limit) {
        return onTheWay(() -> {
            Optional<Process> task = namespace.task(action.value());
            if (task.isEmpty()) {
                return new ActionState.Gone();
            }
            if (task.get().getStatus() == Status.STOPPED) {
                return ended(task.get().getExitStatus(), task.get().getExitedAt());
            }
            return limit.isPositive() ? awaitEnd(action, limit) : new ActionState.Running();
        });
    }

    private ActionState awaitEnd(ContainerId action, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            WaitResponse exit = namespace.awaitExit(action.value(), limit);
            return ended(exit.getExitStatus(), exit.getExitedAt());
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return new ActionState.Gone();
            }
            if (e.kind() == Kind.UNAVAILABLE && System.nanoTime() - end >= 0) {
                return new ActionState.Running();
            }
            throw e;
        }
    }

    private static ActionState ended(int exitCode, Timestamp at) {
        return new ActionState.Ended(exitCode, Instant.ofEpochSecond(at.getSeconds(), at.getNanos()));
    }

    @Override
    public TargetState targetState(ContainerId target) {
        return onTheWay(() -> TargetTask.state(namespace, target));
    }

    @Override
    public List<String> environment(ContainerId target) {
        return onTheWay(() -> namespace
                .container(target.value())
                .map(container -> Json.texts(
                        OwnContainer.of(namespace.name(), container).spec().process(), "env"))
                .orElse(List.of()));
    }

    @Override
    public void start(ContainerId target) {
        onTheWay(() -> {
            TargetTask.start(namespace, target);
            return target;
        });
    }

    @Override
    public Ending awaitEnding(ContainerId target) {
        return onTheWay(() -> {
            String filter = "topic==\"/tasks/oom\",event.container_id==\"" + target + "\"";
            try (EventStream wantOfMemory = namespace.events(filter)) {
                int exitCode = namespace.awaitExit(target.value()).getExitStatus();
                Duration patience = exitCode == KILLED ? OUT_OF_MEMORY_NEWS : Duration.ZERO;
                return new Ending(exitCode, wantOfMemory.next(patience).isPresent());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EngineException(Kind.UNAVAILABLE, "interrupted while waiting for the target", e);
            }
        });
    }

    /** Only the target's output is within the waiter's reach. */
    @Override
    public List<String> lastLines(ContainerId container, int count) {
        try {
            return OutputLines.lastOfEnded(WaiterAccess.TARGET_OUTPUT, count);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    @Override
    public Optional<String> note() {
        return onTheWay(() ->
                Optional.of(own().getLabelsOrDefault(WaitdaemonLabels.NOTE, "")).filter(note -> !note.isEmpty()));
    }

    /**
     * With the first note the waiter asks to be started anew when it ends: not before, since until then the handoff
     * removes it if it fails, and the restart monitor would start what the handoff is just about to.
     */
    @Override
    public void leaveNote(String note) {
        onTheWay(() -> {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put(WaitdaemonLabels.NOTE, note);
            labels.putAll(Restarts.wanted(own().getLabelsOrDefault(Nerdctl.LOG_URI, "")));
            namespace.label(self.value(), labels);
            return note;
        });
    }

    @Override
    public void checkWay() {
        api.checkWay();
    }

    @Override
    public void retire() {
        onTheWay(() -> {
            namespace.label(self.value(), Restarts.unwanted());
            return self;
        });
    }

    @Override
    public void remove(ContainerId container) {
        onTheWay(() -> {
            new Removal(namespace).remove(container);
            return container;
        });
    }

    @Override
    public void close() {
        api.close();
    }

    private Container own() {
        return namespace
                .container(self.value())
                .orElseThrow(() -> new EngineException(Kind.NOT_FOUND, "this waiter's container has been removed"));
    }

    /** A call that fails because the socket leads nowhere any more will fail however often it is repeated. */
    private <T> T onTheWay(java.util.function.Supplier<T> calls) {
        try {
            return calls.get();
        } catch (EngineException e) {
            if (e.kind() == Kind.UNAVAILABLE) {
                api.checkWay();
            }
            throw e;
        }
    }
}
