package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How long is an action waited for (SPEC §5.1)? The bound is the waiter's own, and takes a minute to be seen. */
@InterruptsAction
abstract class PatienceContract extends ContractPart {

    @Test
    void action_that_never_ends_is_waited_for_no_longer_than_a_minute() {
        BegunAction action = begin(ActionRequest.of("echo", "ran").waiting(1));
        EngineContainer waiter = action.waiter();
        waiter.awaitStart();
        engine().pause(action.id());
        waiter.awaitLog("The waiter is ready");

        Instant started = engine().awaitStart(action.target().id(), 1, Duration.ofSeconds(75));

        assertThat(Duration.between(waiter.awaitStart(), started))
                .isBetween(Duration.ofSeconds(58), Duration.ofSeconds(64));
        waiter.endsWith(0);
        assertThat(action.target().log()).isEqualTo("ran\n");
    }
}
