package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Events.Event;
import io.waitdaemon.it.Agent.Action;
import io.waitdaemon.it.Agent.Begun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** An action that is told to stop (SIGTERM) before it has made anything, which is the longer part of it when it pulls. */
@ResourceLock(Engine.LOCK)
@OnBothImages
class StopIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** {@code docker stop} kills after 10 s; an action that ends by itself is much quicker. */
    private static final Duration QUICKLY = Duration.ofSeconds(5);

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();

    @Test
    void action_that_pulls_from_a_silent_registry_ends_quickly_and_has_made_nothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Events events = Events.of(docker)) {
            Begun begun = agent.begin(
                    Agent.newName("stop"),
                    List.of("--env", "IMAGE=127.0.0.1:" + silent.getLocalPort() + "/never:1"),
                    "true");
            try (Socket pull = silent.accept()) {
                assertThat(pull.isConnected()).isTrue();

                docker.ok("stop", begun.id());
            }

            Action action = begun.ended();
            Event told = events.await(event -> event.action().equals("kill") && event.isOf(begun.id()), SOON);
            assertThat(events.awaitDie(begun.id(), SOON).after(told)).isLessThan(QUICKLY);
            assertThat(action.exit()).as(action.log()).isNotZero();
            assertThat(events.upToNow())
                    .noneMatch(begun.event("target", "create"))
                    .noneMatch(begun.event("waiter", "create"));
            action.forceRemove();
        }
    }
}
