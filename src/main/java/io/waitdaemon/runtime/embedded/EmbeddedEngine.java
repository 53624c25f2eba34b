package io.waitdaemon.runtime.embedded;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.ContainerRuntime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The state of one handoff: what a real engine would know of action, waiter and target. */
final class EmbeddedEngine implements ContainerEngine {

    static final String NAME = "embedded";
    static final ContainerId TARGET = new ContainerId("embedded-target");
    static final ContainerId WAITER = new ContainerId("embedded-waiter");

    /** Opens when the handoff is complete: the end of the action container. */
    final CountDownLatch actionEnded = new CountDownLatch(1);

    /** Opens when the waiter has left its first note. */
    final CountDownLatch waiterReady = new CountDownLatch(1);

    final Consumer<LaunchOrder> launcher;

    private final List<String> command;
    private volatile Optional<String> note = Optional.empty();
    private volatile @Nullable LaunchOrder order;
    private volatile @Nullable Process target;

    EmbeddedEngine(List<String> command, Consumer<LaunchOrder> launcher) {
        this.command = List.copyOf(command);
        this.launcher = launcher;
    }

    @Override
    public Optional<ContainerFacts> lookUp(String idOrName) {
        return Optional.of(action());
    }

    @Override
    public List<ContainerFacts> running() {
        return List.of(action());
    }

    @Override
    public ContainerRuntime runtimeFor(ContainerFacts action) {
        return new EmbeddedRuntime(this);
    }

    @Override
    public void close() {}

    private static ContainerFacts action() {
        long pid = ProcessHandle.current().pid();
        return new ContainerFacts(
                new ContainerId("embedded-action"), "action", true, pid, true, Optional.empty(), List.of());
    }

    List<String> command() {
        return command;
    }

    Optional<LaunchOrder> order() {
        return Optional.ofNullable(order);
    }

    void order(LaunchOrder given) {
        order = given;
    }

    Optional<Process> target() {
        return Optional.ofNullable(target);
    }

    void target(Process started) {
        target = started;
    }

    Optional<String> note() {
        return note;
    }

    void note(String text) {
        note = Optional.of(text);
        waiterReady.countDown();
    }
}
