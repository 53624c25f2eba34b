package io.waitdaemon.runtime.embedded;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The waiter's side of the embedded engine. */
final class EmbeddedLaunch implements LaunchRuntime {

    private final EmbeddedEngine engine;

    EmbeddedLaunch(EmbeddedEngine engine) {
        this.engine = engine;
    }

    @Override
    public ActionState awaitAction(ContainerId action, Duration limit) {
        try {
            boolean ended = engine.actionEnded.await(limit.toMillis(), TimeUnit.MILLISECONDS);
            return ended ? new ActionState.Ended(0, Instant.now()) : new ActionState.Running();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public TargetState targetState(ContainerId target) {
        return engine.target().isPresent() ? TargetState.STARTED : TargetState.CREATED;
    }

    /** None of its own: the target is a child of this process. */
    @Override
    public List<String> environment(ContainerId target) {
        return List.of();
    }

    @Override
    public void start(ContainerId target) {
        try {
            engine.target(new ProcessBuilder(engine.command()).inheritIO().start());
        } catch (IOException e) {
            throw new EngineException(Kind.REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Ending awaitEnding(ContainerId target) {
        try {
            return new Ending(engine.target().orElseThrow().waitFor(), false);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** None: the target writes to the console of this process. */
    @Override
    public List<String> lastLines(ContainerId container, int count) {
        return List.of();
    }

    @Override
    public Optional<String> note() {
        return engine.note();
    }

    @Override
    public void leaveNote(String note) {
        engine.note(note);
    }

    /** Always passes: the engine is in this process. */
    @Override
    public void checkWay() {}

    /** Nothing to do: no waiter's thread is ever started again. */
    @Override
    public void retire() {}

    /** Nothing to do: a target that was never started is no process yet. */
    @Override
    public void remove(ContainerId container) {}

    @Override
    public void close() {}

    private static EngineException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new EngineException(Kind.REFUSED, "the waiter's thread was interrupted", cause);
    }
}
