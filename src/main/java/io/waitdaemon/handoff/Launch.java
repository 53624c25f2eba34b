package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.LaunchRuntime.TargetState;
import io.waitdaemon.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * All that happens in the waiter (SPEC §5). Its exit status reaches nobody but the engine, which starts a waiter again
 * that did not end with 0: whatever is final therefore retires the waiter first, and whatever may pass does not.
 */
public final class Launch {

    private static final Logger LOG = Logger.getLogger(Launch.class);
    private static final int LAST_LINES = 10;

    private final UptimeClock uptime;
    private final Clock wallClock;

    /** @param proc where the proc file system is mounted */
    public Launch(Path proc, Clock wallClock) {
        this.uptime = new UptimeClock(proc);
        this.wallClock = wallClock;
    }

    public Outcome run(LaunchOrder order, LaunchRuntime runtime) {
        LogIds.action(order.action());
        LogIds.target(order.target());
        try {
            return launch(order, runtime);
        } catch (EngineException e) {
            return switch (e.kind()) {
                case NOT_FOUND, REFUSED ->
                    giveUp(runtime, "The engine refuses what the waiter needs: " + e.getMessage() + ".");
                case UNAVAILABLE, CUT_OFF -> {
                    LOG.errorf(
                            "The engine cannot be used now: %s. Exiting with 2; the engine starts this waiter again.",
                            e.getMessage());
                    yield Outcome.LAUNCH_FAILED;
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.LAUNCH_FAILED;
        }
    }

    private Outcome launch(LaunchOrder order, LaunchRuntime runtime) throws InterruptedException {
        if (!order.bootId().equals(uptime.bootId())) {
            return giveUp(
                    runtime,
                    "The machine has been rebooted since the handoff, so the target is not started: it would reboot again and"
                            + " again. Run the action again if the target is still wanted.");
        }
        TargetState state = Backoff.ENGINE.call("Looking at the target", () -> runtime.targetState(order.target()));
        return switch (state) {
            case GONE ->
                giveUp(
                        runtime,
                        "The target has been removed, so there is nothing to start. Run the action again if it is still wanted.");
            case STARTED -> {
                LOG.info("The target has been started already. Waiting for it to end.");
                yield follow(order, runtime, redaction(order, runtime));
            }
            case CREATED -> waitAndStart(order, runtime, redaction(order, runtime));
        };
    }

    /** Asked for beforehand: when there is something to hide, the engine may be in no state to say what. */
    private static Redaction redaction(LaunchOrder order, LaunchRuntime runtime) throws InterruptedException {
        List<String> environment =
                Backoff.ENGINE.call("Looking at the target's configuration", () -> runtime.environment(order.target()));
        return new Redaction(Settings.confidential(environment), List.of(), Optional.empty());
    }

    private Outcome waitAndStart(LaunchOrder order, LaunchRuntime runtime, Redaction redaction)
            throws InterruptedException {
        Duration due;
        try {
            due = new Deadline(uptime, wallClock).find(order, runtime);
        } catch (Deadline.ActionFailed e) {
            remove(order.target(), runtime);
            return giveUp(runtime, "The handoff is void: " + e.getMessage() + ". The target is not started.");
        }
        Duration left = due.minus(uptime.now());
        if (left.isPositive()) {
            LOG.infof("Waiting %s, then the target starts.", Durations.shown(left));
        }
        uptime.sleepUntil(due, runtime::checkWay);
        // a target that reboots leaves no time for a line after its start
        LOG.info("The wait is over. Starting the target.");
        try {
            start(order.target(), runtime, redaction);
        } catch (EngineException e) {
            if (e.kind() == Kind.UNAVAILABLE || e.kind() == Kind.CUT_OFF) {
                throw e;
            }
            return giveUp(
                    runtime,
                    "The engine cannot start the target: " + e.getMessage()
                            + ". Check IMAGE and the command of the action, then run it again.");
        }
        LOG.info("Started the target. Waiting for it to end.");
        return follow(order, runtime, redaction);
    }

    /** One call when all is well; after a failed one the target is looked at first, since it may have been started. */
    private void start(ContainerId target, LaunchRuntime runtime, Redaction redaction) throws InterruptedException {
        try {
            startOnce(target, runtime, redaction);
        } catch (EngineException e) {
            if (e.kind() != Kind.UNAVAILABLE) {
                throw e;
            }
            LOG.warnf("Starting the target failed: %s. Trying again.", e.getMessage());
            Backoff.ENGINE.run("Starting the target", () -> {
                if (runtime.targetState(target) != TargetState.STARTED) {
                    startOnce(target, runtime, redaction);
                }
            });
        }
    }

    private static void startOnce(ContainerId target, LaunchRuntime runtime, Redaction redaction) {
        try {
            runtime.start(target);
        } catch (EngineException e) {
            throw redaction.apply(e);
        }
    }

    private Outcome follow(LaunchOrder order, LaunchRuntime runtime, Redaction redaction) throws InterruptedException {
        Ending ending;
        try {
            ending =
                    Backoff.ENGINE.call("Waiting for the end of the target", () -> runtime.awaitEnding(order.target()));
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                retire(runtime);
                LOG.warn("The target was removed before it could be seen how it ended. Exiting with 0.");
                return Outcome.DONE;
            }
            throw e;
        }
        if (ending.good()) {
            retire(runtime);
            LOG.infof("The target %s. Exiting with 0.", ending.describe());
            return Outcome.DONE;
        }
        List<String> lines = runtime.lastLines(order.target(), LAST_LINES);
        retire(runtime);
        LOG.errorf(
                "The target %s. %s Exiting with 3.",
                ending.describe(),
                lines.isEmpty()
                        ? "The engine has no output of it."
                        : "Its last lines: " + redaction.apply(String.join(" | ", lines)) + ".");
        return Outcome.TARGET_FAILED;
    }

    private static Outcome giveUp(LaunchRuntime runtime, String reason) {
        retire(runtime);
        LOG.errorf("%s Exiting with 2.", reason);
        return Outcome.LAUNCH_FAILED;
    }

    private static void retire(LaunchRuntime runtime) {
        try {
            runtime.retire();
        } catch (EngineException e) {
            LOG.warnf("The engine could not be told to leave this waiter ended: %s.", e.getMessage());
        }
    }

    private static void remove(ContainerId target, LaunchRuntime runtime) {
        try {
            runtime.remove(target);
        } catch (EngineException e) {
            LOG.warnf("The target %s could not be removed: %s.", target.shortForm(), e.getMessage());
        }
    }
}
