package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Events.Event;
import io.waitdaemon.it.Agent.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several handoffs, one after the other of the same action or many at a time: does each get its own launch and no more? */
class RetryIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int MANY = 50;
    private static final int AT_A_TIME = 8;

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();
    private final List<Action> actions = new ArrayList<>();

    @TempDir
    private Path out;

    private Events events;

    @BeforeEach
    void watch() {
        events = Events.of(docker);
    }

    @AfterEach
    void clear() {
        events.close();
        for (Action action : actions) {
            action.made("waiter").forEach(waiter -> docker.ok("rm", "--force", waiter));
            action.made("target").forEach(target -> docker.ok("rm", "--force", target));
            docker.run("rm", "--force", action.id());
        }
    }

    @Test
    void retried_action_replaces_the_waiter_and_the_unstarted_target_of_its_earlier_try() throws IOException {
        String name = Agent.newName("retry");
        Action first = run(name, "600", "echo first >> /out/runs").succeeded();
        String firstWaiter = first.waiter();
        String firstTarget = first.target();
        first.forceRemove();

        Action second = run(name, "1", "echo second >> /out/runs").succeeded();
        second.forceRemove();

        assertThat(second.log()).contains("Removed the waiter of an earlier try", "Removed the unstarted target");
        assertEndsWell(second);
        assertThat(docker.knows(firstWaiter)).isFalse();
        assertThat(docker.knows(firstTarget)).isFalse();
        assertThat(second.made("target")).hasSize(1);
        assertThat(runs()).containsExactly("second");
    }

    @Test
    void target_of_an_earlier_try_that_has_been_started_is_left_alone() throws IOException {
        String name = Agent.newName("retry");
        String untilTold = "echo first >> /out/runs; until [ -e /out/end ]; do sleep 0.05; done";
        Action first = run(name, "0", untilTold).succeeded();
        String firstTarget = first.target();
        first.forceRemove();
        events.awaitStart(firstTarget, SOON);

        Action second = run(name, "0", "echo second >> /out/runs").succeeded();
        second.forceRemove();

        assertThat(second.log()).contains("Left the target of an earlier try of this action alone");
        assertEndsWell(second);
        assertThat(docker.inspect(firstTarget).getJsonObject("State").getBoolean("Running"))
                .isTrue();
        Files.createFile(out.resolve("end"));
        assertThat(events.awaitDie(firstTarget, SOON).attribute("exitCode")).contains("0");
        assertThat(runs()).containsExactly("first", "second");
    }

    @Test
    void retried_action_that_fails_leaves_no_waiter_of_its_earlier_try_behind() throws IOException {
        String name = Agent.newName("retry");
        Action first = run(name, "600", "echo first >> /out/runs").succeeded();
        String firstWaiter = first.waiter();
        first.forceRemove();

        Action second = agent.run(
                name, List.of("--env", "IMAGE=no-such-image", "--env", "WAITDAEMON_PULL_POLICY=never"), "true");
        actions.add(second);

        assertThat(second.exit()).as(second.log()).isEqualTo(1);
        assertThat(docker.knows(firstWaiter)).isFalse();
        assertThat(events.upToNow()).noneMatch(started("target"));
    }

    @Test
    void two_actions_at_a_time_do_not_disturb_each_other() throws IOException {
        Action one = run(Agent.newName("one"), "3", "echo one >> /out/runs").succeeded();
        Action other = run(Agent.newName("one"), "1", "echo other >> /out/runs").succeeded();

        assertThat(other.log()).doesNotContain("earlier try");
        assertEndsWell(one);
        assertEndsWell(other);
        assertThat(runs()).containsExactlyInAnyOrder("one", "other");
    }

    @Test
    void jitter_lengthens_the_wait_by_no_more_than_it_says() {
        for (int i = 0; i < 3; i++) {
            Action action = agent.run(
                            Agent.newName("jitter"),
                            List.of("--env", "WAIT_SECONDS=1", "--env", "WAITDAEMON_JITTER_SECONDS=2"),
                            "true")
                    .succeeded();
            actions.add(action);
            action.forceRemove();
        }

        for (Action action : actions) {
            assertThat(waited(action)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3 + 1));
        }
    }

    @Test
    void fifty_handoffs_eight_at_a_time_start_each_target_once_and_none_too_early() throws Exception {
        Duration wait = Duration.ofSeconds(1);
        List<Future<Action>> running = new ArrayList<>();
        try (ExecutorService hands = Executors.newFixedThreadPool(AT_A_TIME)) {
            for (int i = 0; i < MANY; i++) {
                String script = "echo " + i + " >> /out/runs";
                running.add(hands.submit(() -> {
                    Action action = agent.run(
                                    Agent.newName("many"),
                                    List.of(
                                            "--env",
                                            "WAIT_SECONDS=" + wait.toSeconds(),
                                            "--network",
                                            "none",
                                            "--volume",
                                            out + ":/out"),
                                    "sh",
                                    "-c",
                                    script)
                            .succeeded();
                    action.forceRemove();
                    return action;
                }));
            }
        }
        for (Future<Action> each : running) {
            actions.add(each.get());
        }

        for (Action action : actions) {
            assertEndsWell(action);
            assertThat(waited(action)).isGreaterThanOrEqualTo(wait);
            assertThat(action.made("waiter")).hasSize(1);
            assertThat(action.made("target")).hasSize(1);
            assertThat(docker.knows(action.id())).isFalse();
        }
        assertThat(events.upToNow().stream().filter(started("target"))).hasSize(MANY);
        assertThat(events.upToNow().stream().filter(started("waiter"))).hasSize(MANY);
        assertThat(runs()).hasSize(MANY).doesNotHaveDuplicates();
    }

    /** An action whose target runs this shell script. */
    private Action run(String name, String wait, String script) {
        Action action = agent.run(
                name, List.of("--env", "WAIT_SECONDS=" + wait, "--volume", out + ":/out"), "sh", "-c", script);
        actions.add(action);
        return action;
    }

    private void assertEndsWell(Action action) {
        Event waiter = events.awaitDie(action.waiter(), SOON);
        assertThat(waiter.attribute("exitCode"))
                .as(() -> docker.ok("logs", waiter.id()).out())
                .contains("0");
        assertThat(events.count(action.target(), "start")).isEqualTo(1);
    }

    private Duration waited(Action action) {
        return events.awaitStart(action.target(), SOON).after(events.awaitDie(action.id(), SOON));
    }

    private List<String> runs() throws IOException {
        return Files.readAllLines(out.resolve("runs"));
    }

    private static Predicate<Event> started(String role) {
        return event ->
                event.action().equals("start") && role.equals(event.attributes().get("io.waitdaemon.role"));
    }
}
