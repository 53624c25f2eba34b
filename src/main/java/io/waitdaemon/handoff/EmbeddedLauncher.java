package io.waitdaemon.handoff;

import io.quarkus.arc.profile.IfBuildProfile;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.RuntimeProvider;
import io.waitdaemon.runtime.Runtimes;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;

/** In the dev mode, where the waiter is a thread of the same process: performs the launch in it. */
@Singleton
@IfBuildProfile("dev")
final class EmbeddedLauncher {

    private final Runtimes runtimes;

    EmbeddedLauncher(Runtimes runtimes) {
        this.runtimes = runtimes;
    }

    void launch(@Observes LaunchOrder order) {
        RuntimeProvider provider = runtimes.named(order.runtime());
        try (LaunchRuntime runtime = provider.reconnect(order)) {
            new Launch(Path.of("/proc"), Clock.systemUTC()).run(order, runtime);
        }
    }
}
