package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LastWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a waiter and waits until it has said that it can do its job, by its first note. It is looked at again and again,
 * since nobody can tell when {@code nerdctl events} has begun to listen.
 */
record WaiterStart(Nerdctl nerdctl, ContainerId waiter) {

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final String LAST_LINES = "5";

    /** Starts it; its name before it has left a note. */
    String begin() {
        NativeContainer created = container();
        if (Restarts.mayComeBeforeTheStart(created)) {
            nerdctl.run(Restarts.unwanted(waiter));
        }
        nerdctl.run("start", waiter.value());
        return created.name();
    }

    /** @throws EngineException when the waiter has not said so within the limit, with what it said instead */
    void awaitNote(String nameBefore, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            do {
                NativeContainer container = container();
                if (!container.name().equals(nameBefore)) {
                    return;
                }
                // one that was killed after its note is started again by the engine, and goes on
                refuseEnded(container);
                Thread.sleep(PAUSE);
            } while (System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.UNAVAILABLE, "interrupted while waiting for the waiter", e);
        }
        throw new EngineException(
                Kind.UNAVAILABLE,
                "the waiter did not report that it is ready within " + limit.toSeconds() + " s" + lastWords());
    }

    /** The waiter, the end of whose name is its note. */
    private NativeContainer container() {
        return NativeContainer.find(nerdctl, waiter)
                .orElseThrow(() -> new EngineException(Kind.REFUSED, "the waiter has been removed"));
    }

    private void refuseEnded(NativeContainer container) {
        if (container.status() == NativeContainer.Status.STOPPED) {
            throw new EngineException(
                    Kind.REFUSED, "the waiter ended at once with exit code " + container.exitCode() + lastWords());
        }
    }

    private String lastWords() {
        try {
            List<String> lines = new ArrayList<>();
            nerdctl.follow(NerdctlCall.of("logs", "--tail=" + LAST_LINES, waiter.value()), lines::add);
            return LastWords.phrase(lines);
        } catch (EngineException e) {
            return "; what it wrote cannot be read: " + e.getMessage();
        }
    }
}
