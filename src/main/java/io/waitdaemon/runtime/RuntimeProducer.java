package io.waitdaemon.runtime;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.arc.profile.UnlessBuildProfile;
import io.quarkus.runtime.annotations.CommandLineArguments;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.containerd.ContainerdProvider;
import io.waitdaemon.runtime.docker.DockerProvider;
import io.waitdaemon.runtime.embedded.EmbeddedProvider;
import io.waitdaemon.runtime.nerdctl.NerdctlProvider;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Decides at build time which runtimes there are: real engines, or local processes in the dev mode. */
final class RuntimeProducer {

    @Produces
    @Singleton
    @UnlessBuildProfile("dev")
    static Runtimes engines() {
        return new Runtimes(List.of(new DockerProvider(), new ContainerdProvider(), new NerdctlProvider()));
    }

    /** The embedded waiter's launch is an event: this package may not know the one that performs it. */
    @Produces
    @Singleton
    @IfBuildProfile("dev")
    static Runtimes embedded(@CommandLineArguments String[] arguments, Event<LaunchOrder> launches) {
        return new Runtimes(List.of(new EmbeddedProvider(List.of(arguments), launches::fire)));
    }
}
