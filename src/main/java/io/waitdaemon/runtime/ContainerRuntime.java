package io.waitdaemon.runtime;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.plan.HandoffPlan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A container engine as the handoff of one action uses it. Every method throws {@link EngineException} when the engine
 * fails, and none blocks without a limit.
 */
public interface ContainerRuntime extends AutoCloseable {

    boolean hasImage(ImageReference image);

    /**
     * Fetches the image into the engine.
     *
     * @param progress gets a line for the user now and then
     * @throws EngineException of kind {@code UNAVAILABLE} when another attempt may succeed
     */
    void pull(ImageReference image, Optional<Credentials> credentials, Consumer<String> progress);

    /**
     * Removes the waiter and the target that an earlier try of the same action left behind, unless the target has been
     * started.
     *
     * @return what was removed, and what was found started and left alone, a line each
     */
    List<String> clearEarlierTry();

    /** Makes the target, complete but not started; nothing is left when it throws. */
    ContainerId createTarget(HandoffPlan plan);

    /** Makes the waiter, not started; nothing is left when it throws. */
    ContainerId createWaiter(HandoffPlan plan, ContainerId target);

    /**
     * Starts the waiter and returns once it has said that it can do its job.
     *
     * @throws EngineException when it did not within the limit, with what it said last
     */
    void startWaiter(ContainerId waiter, Duration limit);

    /** Removes a container, running or not; content when there is none. */
    void remove(ContainerId container);

    /** What would be created: one JSON document a container with environment values masked. Creates nothing. */
    List<String> describe(HandoffPlan plan);

    @Override
    void close();
}
