package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.it.Agent.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@link EndingContract} cannot ask for: endings with options that only Docker has. */
@ResourceLock(Engine.LOCK)
class EndingIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TWO_LINES_AND_SEVEN = "echo first; echo second >&2; exit 7";

    private static Events events;

    private final Agent agent = new Agent(Engine.shared());

    @BeforeAll
    static void listen() {
        events = Events.of(Engine.shared().cli());
    }

    @AfterAll
    static void close() {
        events.close();
    }

    @Test
    void output_on_a_terminal() {
        assertThat(errorAfter(List.of("--tty"), "sh", "-c", TWO_LINES_AND_SEVEN))
                .contains("exit code 7. Its last lines: first | second. Exiting with 3");
    }

    @Test
    void output_that_the_engine_does_not_keep() {
        assertThat(errorAfter(List.of("--log-driver", "none"), "sh", "-c", TWO_LINES_AND_SEVEN))
                .contains("exit code 7. The engine has no output of it");
    }

    @Test
    void target_that_runs_out_of_memory() {
        assertThat(errorAfter(List.of("--memory", "160m", "--memory-swap", "160m"), "tail", "/dev/zero"))
                .contains("The target ran out of memory and was killed by the kernel");
    }

    /** What the waiter says of a target with these options that fails. */
    private String errorAfter(List<String> options, String... command) {
        List<String> all = new ArrayList<>(List.of("--env", "WAIT_SECONDS=0"));
        all.addAll(options);
        Action action = agent.run(all, command).succeeded();
        assertThat(events.awaitDie(action.waiter(), SOON).attribute("exitCode")).contains("3");
        return LogLine.error(action.waiterLog()).message();
    }
}
