package io.waitdaemon.runtime;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A container engine as the waiter uses it. Every method throws {@link EngineException} when the engine fails. */
public interface LaunchRuntime extends AutoCloseable {

    /** What has become of the action container. */
    sealed interface ActionState {
        /**
         * Its main process has ended.
         *
         * @param at when, by the wall clock
         */
        record Ended(int exitCode, Instant at) implements ActionState {}

        /** It runs still. */
        record Running() implements ActionState {}

        /** It has been removed, so how it ended is unknown. */
        record Gone() implements ActionState {}
    }

    /** How far the target has come. */
    enum TargetState {
        CREATED,
        /** It runs or has ended; it must not be started again. */
        STARTED,
        GONE
    }

    /** Waits until the action container no longer runs, for at most {@code limit}; zero asks and does not wait. */
    ActionState awaitAction(ContainerId action, Duration limit);

    TargetState targetState(ContainerId target);

    /** The {@code NAME=value} entries of the target's configuration: what must not be repeated of the words about it. */
    List<String> environment(ContainerId target);

    /** Starts the target: one engine call. */
    void start(ContainerId target);

    /** Waits, without limit, until the target has ended. */
    Ending awaitEnding(ContainerId target);

    /** The last lines of the container's output, oldest first; empty when the engine keeps none. */
    List<String> lastLines(ContainerId container, int count);

    /**
     * The last note that this waiter left with the engine. It outlives the waiter's process and the engine's, which is
     * what makes a restarted waiter go on where the killed one stopped.
     */
    Optional<String> note();

    /** Leaves a note of letters, digits, dots and dashes, replacing the one before. */
    void leaveNote(String note);

    /**
     * Returns when nothing speaks against the engine being reachable when it is needed; asks it nothing.
     *
     * @throws EngineException of kind {@code CUT_OFF} when only a restarted waiter can reach it
     */
    void checkWay();

    /** Tells the engine not to start this waiter again: the job is done or cannot be done. */
    void retire();

    /** Removes a container that was never started; content when there is none. */
    void remove(ContainerId container);

    @Override
    void close();
}
