package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EngineException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Removes what an unfinished handoff has created, newest first: when a step fails, and when the process is told to end
 * (SIGTERM) in the midst of it.
 */
final class Undo implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Undo.class);

    private final ContainerRuntime runtime;
    private final Deque<ContainerId> created = new ArrayDeque<>();
    private final Thread onTermination = new Thread(this::removeAll, "undo");
    private boolean over;

    Undo(ContainerRuntime runtime) {
        this.runtime = runtime;
        Runtime.getRuntime().addShutdownHook(onTermination);
    }

    /**
     * Creates a container that is removed again unless the handoff is completed. A termination waits for the creation,
     * so that it misses nothing that the engine is just making.
     *
     * @throws HandoffFailed when the process has been told to end
     */
    synchronized ContainerId create(Supplier<ContainerId> creation) {
        requireGoing();
        ContainerId container = creation.get();
        created.push(container);
        return container;
    }

    /**
     * The handoff is complete: nothing is to be removed any more.
     *
     * @throws HandoffFailed when all has been removed already, since the process has been told to end
     */
    synchronized void forget() {
        requireGoing();
        created.clear();
    }

    @Override
    public void close() {
        removeAll();
        try {
            Runtime.getRuntime().removeShutdownHook(onTermination);
        } catch (IllegalStateException e) {
            LOG.debug("The process is ending already, and the hook with it.");
        }
    }

    private void requireGoing() {
        if (over) {
            throw new HandoffFailed(
                    "This container was told to stop in the midst of the handoff. Nothing was left behind;"
                            + " the action can be run again.");
        }
    }

    private synchronized void removeAll() {
        over = true;
        while (!created.isEmpty()) {
            ContainerId container = created.pop();
            try {
                runtime.remove(container);
            } catch (EngineException e) {
                LOG.errorf(
                        "Could not remove container %s, which a failed handoff leaves behind: %s. Remove it by hand.",
                        container.shortForm(), e.getMessage());
            }
        }
    }
}
