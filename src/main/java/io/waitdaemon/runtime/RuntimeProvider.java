package io.waitdaemon.runtime;

import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import java.util.stream.Stream;

/** A kind of engine: finds the ways in for the handoff, and the way back in for the waiter. */
public interface RuntimeProvider {

    /** As in {@code CONTAINER_RUNTIME}, in lower case. */
    String name();

    /** The ways in, likeliest first; looked for lazily, so that a later one costs nothing when an earlier one leads in. */
    Stream<Door> doors(Endpoints endpoints);

    /** The engine that the handoff used, from inside the waiter. Does not connect yet. */
    LaunchRuntime reconnect(LaunchOrder order);
}
