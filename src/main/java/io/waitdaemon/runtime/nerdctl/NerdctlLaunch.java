package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.SocketMount;
import io.waitdaemon.runtime.TimeLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The waiter's side of nerdctl. The waiter's notes are the end of its own name, as with Docker: what nerdctl can change of a
 * container at any time.
 */
final class NerdctlLaunch implements LaunchRuntime {

    /** As good as for ever: a target may run for days. */
    private static final Duration NO_LIMIT = Duration.ofDays(1000);

    private static final Path PROC = Path.of("/proc");
    private static final Duration LOGS_LIMIT = Duration.ofSeconds(10);

    private final LaunchOrder order;
    private final Nerdctl nerdctl;
    private final Optional<Path> socket;
    private final Lifecycle lifecycle;
    private @Nullable ContainerId self;

    /**
     * A nerdctl that waits for the end of the action, from the first look at it on: starting one takes longer than an agent to
     * take away an action that failed, and with it how it ended.
     */
    private TimeLimit.@Nullable Begun<ActionState> actionEnd;

    NerdctlLaunch(LaunchOrder order) {
        this.order = order;
        Place place = Place.of(order.engine().getOrDefault(WaiterCall.PLACE, ""));
        Optional<String> address = Optional.ofNullable(order.engine().get(WaiterCall.ADDRESS));
        List<String> globals = new ArrayList<>();
        globals.add("--namespace=" + order.engine().getOrDefault(WaiterCall.NAMESPACE, ""));
        address.ifPresent(path -> globals.add("--address=" + path));
        this.nerdctl = new Nerdctl(place, globals);
        this.lifecycle = new Lifecycle(place, new HostRoot(PROC));
        this.socket = switch (place) {
            case BUNDLED -> address.map(Path::of);
            case HOST -> Optional.empty();
        };
    }

    @Override
    public ActionState awaitAction(ContainerId action, Duration limit) {
        return onTheWay(() -> {
            TimeLimit.Begun<ActionState> begun = actionEnd;
            if (begun == null) {
                Optional<NativeContainer> found = find(action);
                if (found.isEmpty() || found.get().status() == NativeContainer.Status.NONE) {
                    return new ActionState.Gone();
                }
                if (found.get().status() == NativeContainer.Status.STOPPED) {
                    return new ActionState.Ended(
                            found.get().exitCode(), found.get().endedAt());
                }
                begun = TimeLimit.begin(() -> awaitEnd(action));
                actionEnd = begun;
            }
            return await(begun, limit);
        });
    }

    private ActionState await(TimeLimit.Begun<ActionState> begun, Duration limit) {
        try {
            return begun.await(limit);
        } catch (TimeoutException e) {
            return new ActionState.Running();
        } catch (EngineException e) {
            actionEnd = null;
            throw e;
        }
    }

    private ActionState awaitEnd(ContainerId action) {
        try {
            return new ActionState.Ended(wait(action, NO_LIMIT), Instant.now());
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return new ActionState.Gone();
            }
            throw e;
        }
    }

    @Override
    public TargetState targetState(ContainerId target) {
        return onTheWay(() -> find(target)
                .map(container -> lifecycle.wasStarted(container) ? TargetState.STARTED : TargetState.CREATED)
                .orElse(TargetState.GONE));
    }

    @Override
    public List<String> environment(ContainerId target) {
        return onTheWay(() -> find(target)
                .map(container -> Json.texts(container.spec().process(), "env"))
                .orElse(List.of()));
    }

    /** A process that was made and never started, by a nerdctl that was killed, is in the way of every other start. */
    @Override
    public void start(ContainerId target) {
        onTheWay(() -> {
            try {
                return nerdctl.run("start", target.value());
            } catch (EngineException e) {
                boolean halfMade = find(target)
                        .filter(container -> container.status() == NativeContainer.Status.CREATED)
                        .isPresent();
                if (e.kind() != Kind.REFUSED || !halfMade) {
                    throw e;
                }
                nerdctl.run("kill", target.value());
                return nerdctl.run("start", target.value());
            }
        });
    }

    /** nerdctl does not tell of a want of memory: such an end is one by SIGKILL. */
    @Override
    public Ending awaitEnding(ContainerId target) {
        return onTheWay(() -> {
            NativeContainer container = find(target).orElseThrow(() -> gone("the target has been removed"));
            return switch (container.status()) {
                case STOPPED -> new Ending(container.exitCode(), false);
                case NONE -> throw gone("containerd has forgotten how the target ended");
                case CREATED, RUNNING -> new Ending(wait(target, NO_LIMIT), false);
            };
        });
    }

    /** Those of an ended container: nerdctl waits until all that it wrote has been read. */
    @Override
    public List<String> lastLines(ContainerId container, int count) {
        List<String> lines = new ArrayList<>();
        nerdctl.follow(
                NerdctlCall.of("logs", "--follow", "--tail=" + count, container.value())
                        .within(LOGS_LIMIT),
                lines::add);
        return lines;
    }

    @Override
    public Optional<String> note() {
        return onTheWay(() -> {
            String name = own().name();
            String prefix = order.waiter() + "-";
            return name.startsWith(prefix) ? Optional.of(name.substring(prefix.length())) : Optional.empty();
        });
    }

    @Override
    public void leaveNote(String note) {
        onTheWay(() -> {
            if (!Restarts.areWanted(own())) {
                nerdctl.run(Restarts.wanted(self()));
            }
            return nerdctl.run("rename", self().value(), order.waiter() + "-" + note);
        });
    }

    @Override
    public void checkWay() {
        socket.ifPresent(path -> SocketMount.check("containerd", path));
    }

    @Override
    public void retire() {
        onTheWay(() -> nerdctl.run(Restarts.unwanted(self())));
    }

    @Override
    public void remove(ContainerId container) {
        onTheWay(() -> {
            NerdctlRemains.remove(nerdctl, container);
            return container;
        });
    }

    /** There is nothing to close: every call is a process of its own. */
    @Override
    public void close() {}

    /** The exit code of a container's process, when it has ended. */
    private int wait(ContainerId container, Duration limit) {
        String printed = nerdctl.run(NerdctlCall.of("wait", container.value()).within(limit));
        try {
            return Integer.parseInt(printed.strip());
        } catch (NumberFormatException e) {
            throw new EngineException(Kind.UNAVAILABLE, "nerdctl broke off waiting for a container", e);
        }
    }

    private Optional<NativeContainer> find(ContainerId container) {
        return NativeContainer.find(nerdctl, container);
    }

    private NativeContainer own() {
        return find(self()).orElseThrow(() -> gone("this waiter has been removed"));
    }

    /** This waiter's own id, by its labels: its name changes with its notes. */
    private ContainerId self() {
        ContainerId known = self;
        if (known == null) {
            known = NerdctlRemains.labelled(
                            nerdctl,
                            HandoffPlan.ACTION_ID_LABEL + "=" + order.action(),
                            HandoffPlan.ROLE_LABEL + "=" + Role.WAITER.word())
                    .stream()
                    .findFirst()
                    .orElseThrow(() -> gone("containerd has no waiter of this handoff"));
            self = known;
        }
        return known;
    }

    private static EngineException gone(String what) {
        return new EngineException(Kind.NOT_FOUND, what);
    }

    /** A call that fails because the socket leads nowhere any more will fail however often it is repeated. */
    private <T> T onTheWay(Supplier<T> calls) {
        try {
            return calls.get();
        } catch (EngineException e) {
            if (e.kind() == Kind.UNAVAILABLE) {
                checkWay();
            }
            throw e;
        }
    }
}
