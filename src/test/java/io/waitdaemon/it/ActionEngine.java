package io.waitdaemon.it;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * A real engine of one's own, with an agent that runs actions on it: all that {@link RuntimeContract} knows of an engine.
 * One implementation an engine is its binding. It provides the images {@code waitdaemon:it} (the actions'),
 * {@code target} and {@code target:configured}; containers are given by their ids; times are by the engine's clock.
 *
 * <p>Actions are made as the engine's agent makes them, as privileged as this machine allows. What differs between engines
 * stands at the end, each with its reason.
 */
interface ActionEngine extends AutoCloseable {

    /** What a container is in a handoff, as its label {@code io.waitdaemon.role} says. */
    enum Role {
        WAITER,
        TARGET;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** What has become of a container. */
    sealed interface State {
        /** It was never started. */
        record Created() implements State {}

        record Running() implements State {}

        record Ended(int exit) implements State {}

        record Gone() implements State {}
    }

    /** One end of a container's main process; it may be started again. */
    record End(int exit, Instant at) {}

    /** Begins an action and returns the id of its container when that has been started. */
    String begin(ActionRequest request);

    /**
     * Returns when the agent has dealt with the container of an ended action in its way: it removes it, or leaves it where
     * the agent does so with actions that failed.
     */
    void agentRemoves(String action);

    /**
     * Kills every process outside of containers that is a client of the engine for an agent's or this binding's sake. A
     * binding whose own eyes and ears are among them gets itself new ones.
     */
    void killClients();

    /** The containers that this action made and that are still there, in any state. */
    List<String> made(String action, Role role);

    /** The containers that this action made up to now, whatever has become of them. */
    List<String> everMade(String action, Role role);

    /** The first container that this action makes in this role, as soon as it is there and even when it is gone again. */
    String awaitMade(String action, Role role, Duration limit);

    State state(String container);

    /** When the container was started for the first, second, … time, also when that was before this call. */
    Instant awaitStart(String container, int number, Duration limit);

    /**
     * How the container ended for the first, second, … time, also when that was before this call; all that it wrote until
     * then is in its log. Ends that the engine did not see because it was away need not count.
     */
    End awaitEnd(String container, int number, Duration limit);

    /** How often the container was started up to now. */
    int starts(String container);

    /** Whether the engine has been told to start this container again when it fails. */
    boolean wouldRestart(String container);

    /**
     * Standard output and error so far, of all starts. Of an action as long as {@link #agentRemoves} was not called, even if
     * the agent removes good ones by itself.
     */
    String log(String container);

    /** Has the engine send SIGTERM or SIGKILL to the main process, so that it knows of it and restarts nothing. */
    void signal(String container, String signal);

    /** SIGKILL from outside of the engine, as the kernel does when memory runs out: a waiter is to be restarted. */
    void killProcess(String container);

    /** Freezes all processes of the container. */
    void pause(String container);

    void resume(String container);

    /** Removes a container, running or not, as an operator does who wants to be rid of it. */
    void forceRemove(String container);

    /** Takes away the action and what it made, in whatever state, with all that belongs to it. */
    void clear(String action);

    /** All that can be left behind, one name each: containers, volumes, snapshots, leases, shims, log folders, … */
    Set<String> census();

    /** Ends the engine in good order. */
    void stop();

    /** SIGKILL for the engine alone, not for its containers. */
    void kill();

    /** Starts the engine again on the same data and returns when it answers. */
    void start();

    boolean running();

    /** Ends the engine and leaves nothing of it. */
    @Override
    void close();

    /** How long after its death a killed waiter runs again at the latest: the engine's own pace of restarting. */
    Duration restartDelay();

    /** What {@code /proc/self/ns} of the host's processes shows for this kind of namespace, such as {@code pid}. */
    String namespace(String kind);

    /** How many handoffs are made where many are to show that none disturbs another. */
    default int many() {
        return 50;
    }

    /** Whether a missing source of a bind is made by the engine instead of refused. */
    boolean createsMissingBindSources();

    /**
     * Whether a command that the target's image does not have is refused when the target is created, so that the action
     * fails, or only when it is started.
     */
    boolean refusesUnknownCommandsAtCreation();
}
