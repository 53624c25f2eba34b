package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.it.Agent.Action;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The main job, from the start of the action to the end of the target. */
class HandoffIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Agent agent = new Agent(Engine.shared());

    @Test
    void target_runs_after_the_wait_and_after_the_agent_has_removed_the_action() {
        try (Events events = Events.of(agent.docker())) {
            Action action = agent.run(List.of("--env", "WAIT_SECONDS=2"), "echo", "the target's own words")
                    .succeeded();
            String target = action.target();
            String waiter = action.waiter();

            action.forceRemove();

            Events.Event ended = events.awaitDie(action.id(), SOON);
            Events.Event started = events.awaitStart(target, SOON);
            assertThat(started.after(ended)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
            assertThat(events.awaitDie(target, SOON).attribute("exitCode")).contains("0");
            assertThat(events.awaitDie(waiter, SOON).attribute("exitCode")).contains("0");
            assertThat(agent.docker().ok("logs", target).out()).isEqualTo("the target's own words\n");
            assertThat(events.count(target, "start")).isEqualTo(1);
        }
    }
}
