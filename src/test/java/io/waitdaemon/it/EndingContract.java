package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.State;
import org.junit.jupiter.api.Test;

/** What does the waiter say of the target's end, and does the engine then leave it alone (SPEC §5.5)? */
abstract class EndingContract extends ContractPart {

    @Test
    void target_that_ends_well() {
        EngineContainer waiter = waiterOf(ActionRequest.of("true"), 0);

        assertThat(waiter.log()).contains("The target ended with exit code 0").doesNotContain("\"ERROR\"", "\"WARN\"");
    }

    @Test
    void exit_code_and_last_lines_of_a_target_that_fails() {
        EngineContainer waiter =
                waiterOf(ActionRequest.of("sh", "-c", "for i in $(seq 30); do echo line-$i; done; exit 7"), 3);

        assertThat(error(waiter))
                .contains("The target ended with exit code 7")
                .contains("line-21 | line-22")
                .contains("line-29 | line-30")
                .doesNotContain("line-20");
    }

    @Test
    void output_on_both_streams() {
        EngineContainer waiter = waiterOf(ActionRequest.of("sh", "-c", "echo first; echo second >&2; exit 7"), 3);

        assertThat(error(waiter)).contains("Its last lines: ", "first", "second");
    }

    @Test
    void target_that_is_killed() {
        BegunAction action = handOff(ActionRequest.of("sleep", "600")).action();
        action.target().awaitStart();

        engine().signal(action.target().id(), "KILL");

        action.waiter().endsWith(3);
        assertRetired(action.waiter());
        assertThat(error(action.waiter())).contains("The target was ended by signal 9 (SIGKILL)");
    }

    @Test
    void target_that_cannot_be_started() {
        BegunAction.Ended ended = run(ActionRequest.of("no-such-program", "--flag"));
        String error;
        if (engine().refusesUnknownCommandsAtCreation()) {
            error = LogLine.error(ended.endedWith(1).log()).message();
            assertNothingIsLeft(ended.action());
        } else {
            EngineContainer waiter = ended.succeeded().action().waiter();
            waiter.endsWith(2);
            error = error(waiter);
            assertRetired(waiter);
            assertThat(error).contains("The engine cannot start the target: ", "Check IMAGE and the command");
        }

        assertThat(error).contains("no-such-program", "executable file not found");
    }

    private EngineContainer waiterOf(ActionRequest request, int exit) {
        EngineContainer waiter = handOff(request).action().waiter();
        waiter.endsWith(exit);
        if (exit != 0) {
            assertRetired(waiter);
        }
        return waiter;
    }

    /** A waiter that ended with a failure for good. */
    private void assertRetired(EngineContainer waiter) {
        assertThat(engine().wouldRestart(waiter.id())).isFalse();
        assertThat(waiter.state()).isInstanceOf(State.Ended.class);
        assertThat(waiter.starts()).isEqualTo(1);
    }

    private static String error(EngineContainer container) {
        return LogLine.error(container.log()).message();
    }
}
