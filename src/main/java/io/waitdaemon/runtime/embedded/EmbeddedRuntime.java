package io.waitdaemon.runtime.embedded;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The handoff's side of the embedded engine: every image is present, and the target is a command of this machine. */
final class EmbeddedRuntime implements ContainerRuntime {

    private final EmbeddedEngine engine;
    private final Thread waiter;

    EmbeddedRuntime(EmbeddedEngine engine) {
        this.engine = engine;
        this.waiter = new Thread(() -> engine.order().ifPresent(engine.launcher), "waiter");
    }

    @Override
    public boolean hasImage(ImageReference image) {
        return true;
    }

    @Override
    public void pull(ImageReference image, Optional<Credentials> credentials, Consumer<String> progress) {
        progress.accept("The embedded engine has every image.");
    }

    @Override
    public List<String> clearEarlierTry() {
        return List.of();
    }

    @Override
    public ContainerId createTarget(HandoffPlan plan) {
        return EmbeddedEngine.TARGET;
    }

    @Override
    public ContainerId createWaiter(HandoffPlan plan, ContainerId target) {
        engine.order(plan.order(EmbeddedEngine.NAME, Map.of(), target));
        return EmbeddedEngine.WAITER;
    }

    @Override
    public void startWaiter(ContainerId container, Duration limit) {
        waiter.start();
        try {
            if (!engine.waiterReady.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new EngineException(Kind.UNAVAILABLE, "the waiter's thread did not report in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.UNAVAILABLE, "interrupted while the waiter was starting", e);
        }
    }

    @Override
    public void remove(ContainerId container) {
        waiter.interrupt();
    }

    @Override
    public List<String> describe(HandoffPlan plan) {
        return List.of(String.join(" ", engine.command()));
    }

    /** Ends the action and, since this engine lives in the process of the action, stays until the waiter has ended too. */
    @Override
    public void close() {
        engine.actionEnded.countDown();
        try {
            waiter.join();
        } catch (InterruptedException e) {
            waiter.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
