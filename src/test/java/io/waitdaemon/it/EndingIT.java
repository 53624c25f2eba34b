package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Result;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What does the waiter say of the target's end, and does the engine then leave it alone (SPEC §5.5)? */
class EndingIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TWO_LINES_AND_SEVEN = "echo first; echo second >&2; exit 7";

    private static Events events;

    private final Agent agent = new Agent(Engine.shared());

    /** The waiter's end: its exit code and what it wrote. */
    private record Ended(String exit, String log) {
        String error() {
            return LogLine.error(log).message();
        }
    }

    @BeforeAll
    static void listen() {
        events = Events.of(Engine.shared().cli());
    }

    @AfterAll
    static void close() {
        events.close();
    }

    @Test
    void target_that_ends_well() {
        Ended waiter = waiterOf(act(List.of(), "true"));

        assertThat(waiter.exit()).isEqualTo("0");
        assertThat(waiter.log()).contains("The target ended with exit code 0").doesNotContain("\"ERROR\"", "\"WARN\"");
    }

    @Test
    void exit_code_and_last_lines_of_a_target_that_fails() {
        Ended waiter = waiterOf(act(List.of(), "sh", "-c", "for i in $(seq 30); do echo line-$i; done; exit 7"));

        assertThat(waiter.exit()).isEqualTo("3");
        assertThat(waiter.error())
                .contains("The target ended with exit code 7")
                .contains("line-21 | line-22")
                .contains("line-29 | line-30")
                .doesNotContain("line-20");
    }

    @Test
    void output_on_both_streams_without_a_terminal_and_on_one_with() {
        Ended streams = waiterOf(act(List.of(), "sh", "-c", TWO_LINES_AND_SEVEN));
        Ended terminal = waiterOf(act(List.of("--tty"), "sh", "-c", TWO_LINES_AND_SEVEN));

        assertThat(streams.error()).contains("Its last lines: ", "first", "second");
        assertThat(terminal.error()).contains("exit code 7. Its last lines: first | second. Exiting with 3");
    }

    @Test
    void output_that_the_engine_does_not_keep() {
        Ended waiter = waiterOf(act(List.of("--log-driver", "none"), "sh", "-c", TWO_LINES_AND_SEVEN));

        assertThat(waiter.exit()).isEqualTo("3");
        assertThat(waiter.error()).contains("exit code 7. The engine has no output of it");
    }

    @Test
    void target_that_runs_out_of_memory() {
        Ended waiter = waiterOf(act(List.of("--memory", "160m", "--memory-swap", "160m"), "tail", "/dev/zero"));

        assertThat(waiter.exit()).isEqualTo("3");
        assertThat(waiter.error()).contains("The target ran out of memory and was killed by the kernel");
    }

    @Test
    void target_that_is_killed() {
        Action action = act(List.of(), "sleep", "600");
        events.awaitStart(action.target(), SOON);

        agent.docker().ok("kill", action.target());

        Ended waiter = waiterOf(action);
        assertThat(waiter.exit()).isEqualTo("3");
        assertThat(waiter.error()).contains("The target was ended by signal 9 (SIGKILL)");
    }

    @Test
    void target_that_cannot_be_started() {
        Ended waiter = waiterOf(act(List.of(), "no-such-program", "--flag"));

        assertThat(waiter.exit()).isEqualTo("2");
        assertThat(waiter.error())
                .contains("The engine cannot start the target: ")
                .contains("no-such-program", "executable file not found", "Check IMAGE and the command");
    }

    private Action act(List<String> options, String... command) {
        List<String> all = new ArrayList<>(agent.socket());
        all.addAll(List.of("--env", "IMAGE=target", "--env", "WAIT_SECONDS=0"));
        all.addAll(options);
        return ActionInProgress.create(agent, Agent.newName("ending"), all, command)
                .start()
                .end()
                .succeeded();
    }

    /** Awaits the waiter's end, and sees to it that the engine has been told not to start it again. */
    private Ended waiterOf(Action action) {
        String waiter = action.waiter();
        String exit = events.awaitDie(waiter, SOON).attribute("exitCode").orElseThrow();
        JsonObject inspection = agent.docker().inspect(waiter);
        assertThat(inspection.getInt("RestartCount")).isZero();
        if (!exit.equals("0")) {
            assertThat(inspection
                            .getJsonObject("HostConfig")
                            .getJsonObject("RestartPolicy")
                            .getString("Name"))
                    .isEqualTo("no");
        }
        Result log = agent.docker().ok("logs", waiter);
        return new Ended(exit, log.out() + log.err());
    }
}
