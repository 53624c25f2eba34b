package io.waitdaemon.runtime.embedded;

import io.waitdaemon.container.Endpoints;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.RuntimeProvider;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * An engine whose containers are processes of this machine and whose waiter is a thread: handoff and launch can be
 * tried with no engine at all.
 */
public final class EmbeddedProvider implements RuntimeProvider {

    private static final List<String> DEMONSTRATION = List.of("sh", "-c", "echo Hello from the target, $(date)");

    private final EmbeddedEngine engine;

    /**
     * @param command of the target; a demonstration when empty
     * @param launcher performs the launch in the waiter's thread
     */
    public EmbeddedProvider(List<String> command, Consumer<LaunchOrder> launcher) {
        this.engine = new EmbeddedEngine(command.isEmpty() ? DEMONSTRATION : command, launcher);
    }

    @Override
    public String name() {
        return EmbeddedEngine.NAME;
    }

    @Override
    public Stream<Door> doors(Endpoints endpoints) {
        return Stream.of(new Door("embedded engine of this process", () -> engine));
    }

    @Override
    public LaunchRuntime reconnect(LaunchOrder order) {
        return new EmbeddedLaunch(engine);
    }
}
