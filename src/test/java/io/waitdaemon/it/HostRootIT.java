package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.PrivateDockerd;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Does an action without any mount reach its engine through the host root? The engine's socket is at no path that
 * anybody would guess, and it is not the only engine of the machine.
 */
@ResourceLock(Engine.LOCK)
@ResourceLock(Containerds.LOCK)
class HostRootIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<String> HOST_ROOT =
            List.of("--pid", "host", "--cap-add", "SYS_PTRACE", "--env", "IMAGE=target", "--env", "WAIT_SECONDS=0");

    /** {@code sun_path} of unix(7), less the terminating zero. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static PrivateDockerd first;
    private static PrivateDockerd second;
    private static Path longSocket;

    @BeforeAll
    static void start_a_second_engine_with_two_sockets() throws IOException {
        first = Engine.shared();
        second = PrivateDockerd.create();
        Path deep = Files.createDirectories(second.folder().resolve("a-folder-with-a-name-that-goes-on-and-on-and-on"));
        String name = "s".repeat(LONGEST_SOCKET_PATH - deep.toString().length() - 1);
        longSocket = deep.resolve(name);
        second.start("--host=unix://" + longSocket);
    }

    @AfterAll
    static void end_the_second_engine() {
        second.close();
    }

    @Test
    void target_starts_without_any_mount() {
        Agent agent = new Agent(first);
        try (Events events = Events.of(agent.docker())) {
            Action action = agent.runBare(Agent.newName("bare"), HOST_ROOT, "echo", "no mount at all")
                    .succeeded();

            assertThat(action.log()).containsPattern("Using docker at unix:///proc/\\d+/root" + first.socket());
            assertThat(mountSources(agent.docker(), action.waiter()))
                    .containsExactly(first.socket().toString());
            assertThat(mountSources(agent.docker(), action.target())).isEmpty();
            assertThat(events.awaitDie(action.waiter(), SOON).attribute("exitCode"))
                    .contains("0");
            assertThat(agent.docker().ok("logs", action.target()).line()).isEqualTo("no mount at all");
        }
    }

    /** In whichever order their processes are found, one of the two actions meets the other's engine first. */
    @Test
    void engine_that_runs_the_action_wins_among_several() {
        Agent there = new Agent(first);
        Agent here = new Agent(second);

        Action ofFirst = there.runBare(Agent.newName("bare"), HOST_ROOT, "true").succeeded();
        Action ofSecond = here.runBare(Agent.newName("bare"), HOST_ROOT, "true").succeeded();

        assertThat(ofFirst.log()).containsPattern("Using docker at unix:///proc/\\d+/root" + first.folder());
        assertThat(ofSecond.log()).containsPattern("Using docker at unix:///proc/\\d+/root" + second.folder());
        assertThat(ofFirst.log() + ofSecond.log())
                .containsPattern("Passed over docker at unix:///proc/\\d+/root(" + first.folder() + "|"
                        + second.folder() + ")/[^:]+: answers but does not run");
        assertThat(here.docker().knows(ofSecond.target())).isTrue();
        assertThat(there.docker().knows(ofSecond.target())).isFalse();
    }

    @Test
    void socket_whose_path_is_too_long_below_the_host_root_is_reached() throws IOException {
        Path hidden = second.folder().resolve("hidden.sock");
        DockerCli throughLongPath =
                new DockerCli("unix://" + longSocket, second.folder().resolve("long-cli"));
        Agent agent = new Agent(second, throughLongPath);
        Files.move(second.socket(), hidden);
        try (Events events = Events.of(throughLongPath)) {
            Action action =
                    agent.runBare(Agent.newName("bare"), HOST_ROOT, "true").succeeded();

            assertThat(action.log()).containsPattern("Using docker at unix:///proc/\\d+/root" + longSocket);
            assertThat(mountSources(throughLongPath, action.waiter())).containsExactly(longSocket.toString());
            assertThat(events.awaitDie(action.waiter(), SOON).attribute("exitCode"))
                    .contains("0");
        } finally {
            Files.move(hidden, second.socket());
        }
    }

    @Test
    void missing_capability_is_named() {
        Action action =
                new Agent(first).runBare(Agent.newName("bare"), List.of("--pid", "host", "--env", "IMAGE=target"));

        assertThat(action.exit()).as(action.log()).isEqualTo(12);
        assertThat(action.log())
                .contains("No usable container runtime", "CAP_SYS_PTRACE", "privileged")
                .doesNotContain("\\tat ");
        assertThat(action.made("target")).isEmpty();
    }

    @Test
    void missing_pid_host_is_named() {
        List<String> options = new ArrayList<>(HOST_ROOT);
        options.removeAll(List.of("--pid", "host"));

        Action action = new Agent(first).runBare(Agent.newName("bare"), options);

        assertThat(action.exit()).as(action.log()).isEqualTo(12);
        assertThat(action.log())
                .contains("No usable container runtime", "/var/run/docker.sock", "pid: host")
                .doesNotContain("\\tat ");
        assertThat(action.made("target")).isEmpty();
    }

    private static List<String> mountSources(DockerCli docker, String container) {
        return docker.inspect(container).getJsonArray("Mounts").getValuesAs(JsonObject.class).stream()
                .map(mount -> mount.getString("Source"))
                .toList();
    }
}
