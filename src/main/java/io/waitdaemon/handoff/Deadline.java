package io.waitdaemon.handoff;

import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.LaunchRuntime.ActionState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * When is the target due? The delay counts from the end of the action container; the answer, an uptime, is left with the
 * engine as a note, so that a waiter that was killed finds it again when it is restarted.
 */
final class Deadline {

    /** The waiter can do its job; the handoff waits for this note. */
    static final String READY = "ready";

    private static final Logger LOG = Logger.getLogger(Deadline.class);
    private static final String DUE = "due-";

    /** How long after the handoff the end of the action container is waited for. */
    private static final Duration LONGEST_ACTION = Duration.ofSeconds(60);

    private final UptimeClock uptime;
    private final Clock wallClock;

    Deadline(UptimeClock uptime, Clock wallClock) {
        this.uptime = uptime;
        this.wallClock = wallClock;
    }

    /**
     * The uptime at which the target is due.
     *
     * @throws ActionFailed when the action container ended with a failure, so that the handoff is void
     */
    Duration find(LaunchOrder order, LaunchRuntime runtime) throws InterruptedException {
        Optional<String> note = Backoff.ENGINE.call("Reading this waiter's note", runtime::note);
        if (note.isPresent() && note.get().startsWith(DUE)) {
            return Duration.ofMillis(Long.parseLong(note.get().substring(DUE.length())));
        }
        if (note.isEmpty()) {
            // the handoff waits for that note: an action that ended before it was left did not succeed
            requireRunning(order, runtime);
            runtime.leaveNote(READY);
            LOG.infof(
                    "The waiter is ready. The target is due %s after the end of the action container.",
                    Durations.shown(order.delay()));
        } else {
            LOG.info("This waiter was started again. It goes on waiting for the end of the action container.");
        }
        Duration due = endOfAction(order, runtime).plus(order.delay());
        try {
            Backoff.ENGINE.run("Leaving the deadline with the engine", () -> runtime.leaveNote(DUE + due.toMillis()));
        } catch (EngineException e) {
            LOG.warnf(
                    "The deadline could not be left with the engine: %s. A killed waiter would wait anew.",
                    e.getMessage());
        }
        return due;
    }

    private static void requireRunning(LaunchOrder order, LaunchRuntime runtime) throws InterruptedException {
        ActionState state = Backoff.ENGINE.call(
                "Looking at the action container", () -> runtime.awaitAction(order.action(), Duration.ZERO));
        switch (state) {
            case ActionState.Ended ended -> throw new ActionFailed(ended.exitCode());
            case ActionState.Gone gone -> throw new ActionFailed();
            case ActionState.Running running -> {}
        }
    }

    private Duration endOfAction(LaunchOrder order, LaunchRuntime runtime) throws InterruptedException {
        Duration giveUp = order.uptime().plus(LONGEST_ACTION);
        ActionState state = Backoff.ENGINE.call("Waiting for the end of the action container", () -> {
            Duration left = giveUp.minus(uptime.now());
            return runtime.awaitAction(order.action(), left.isNegative() ? Duration.ZERO : left);
        });
        return switch (state) {
            case ActionState.Ended ended when ended.exitCode() != 0 -> throw new ActionFailed(ended.exitCode());
            case ActionState.Ended ended -> uptimeOf(ended.at(), order);
            case ActionState.Gone gone -> uptime.now();
            case ActionState.Running running -> {
                LOG.warnf(
                        "The action container still runs %s after the handoff. Waiting no longer for its end.",
                        Durations.shown(LONGEST_ACTION));
                yield uptime.now();
            }
        };
    }

    /**
     * A wall-clock time as an uptime. If the wall clock was changed since, the result lies before the handoff or in the
     * future; then now is the best that is known, and never too early.
     */
    private Duration uptimeOf(Instant end, LaunchOrder order) {
        Duration now = uptime.now();
        Duration ended = now.minus(Duration.between(end, wallClock.instant()));
        return ended.compareTo(order.uptime()) < 0 || ended.compareTo(now) > 0 ? now : ended;
    }

    /** The action container ended with a failure after the waiter had been started. */
    static final class ActionFailed extends RuntimeException {
        ActionFailed(int exitCode) {
            super("the action container ended with exit code " + exitCode + ", so the agent has heard of a failure");
        }

        ActionFailed() {
            super("the action container was removed in the midst of it, so the agent has heard of no success");
        }
    }
}
