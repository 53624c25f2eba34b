package io.waitdaemon.runtime;

import io.waitdaemon.container.ContainerFacts;
import java.util.List;
import java.util.Optional;

/**
 * A container engine that answers. Which of its containers is this process in? Every method throws
 * {@link EngineException} when the engine fails, and none blocks without a limit.
 */
public interface ContainerEngine extends AutoCloseable {

    /** The container with this id, id prefix or name; empty when the engine has none. */
    Optional<ContainerFacts> lookUp(String idOrName);

    /** All containers that run now. Costs a call a container or more, so it is the last resort. */
    List<ContainerFacts> running();

    /**
     * The engine as the handoff of this action uses it, over the same connection: whichever of the two is closed, both are.
     *
     * @param action as {@link #lookUp} or {@link #running} told of it
     */
    ContainerRuntime runtimeFor(ContainerFacts action);

    @Override
    void close();
}
