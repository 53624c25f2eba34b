package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** An action that ends in the midst of its handoff: is nothing started behind its back, and nothing left (SPEC §4)? */
@InterruptsAction
abstract class UnfinishedContract extends ContractPart {

    /** Agents and engines kill 10 s after SIGTERM; an action that ends by itself is much quicker. */
    private static final Duration QUICKLY = Duration.ofSeconds(5);

    @Test
    void action_that_is_told_to_stop_when_it_has_just_made_the_target_takes_it_back() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.target();

        assertStopsQuickly(action);
    }

    @Test
    void action_that_is_told_to_stop_when_it_has_just_started_the_waiter_takes_both_back() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.waiter().awaitStart();

        assertStopsQuickly(action);
    }

    @Test
    void action_that_is_killed_before_the_waiter_is_ready_makes_the_handoff_void() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.waiter().awaitStart();

        engine().signal(action.id(), "KILL");

        assertVoid(action);
    }

    @Test
    void action_that_is_killed_after_the_waiter_was_ready_makes_the_handoff_void() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.waiter().awaitStart();
        engine().pause(action.id());
        action.waiter().awaitLog("The waiter is ready");

        engine().killProcess(action.id());
        engine().resume(action.id());

        assertThat(action.ended().exit()).isEqualTo(137);
        assertVoid(action);
    }

    @Test
    void action_that_is_removed_by_force_before_the_waiter_is_ready_makes_the_handoff_void() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.waiter().awaitStart();

        engine().forceRemove(action.id());

        assertVoid(action);
    }

    @Test
    void action_that_is_removed_by_force_after_the_waiter_was_ready_makes_the_handoff_void() {
        BegunAction action = begin(ActionRequest.of("true"));
        action.waiter().awaitStart();
        engine().pause(action.id());
        action.waiter().awaitLog("The waiter is ready");

        engine().forceRemove(action.id());

        assertVoid(action);
    }

    private void assertStopsQuickly(BegunAction action) {
        Instant told = Instant.now();
        engine().signal(action.id(), "TERM");

        BegunAction.Ended ended = action.ended();
        assertThat(Duration.between(told, ended.at())).isLessThan(QUICKLY);
        assertThat(ended.exit()).as(ended.log()).isNotZero();
        assertNothingIsLeft(action);
    }

    /** The waiter stays, for its log; the target does not. */
    private static void assertVoid(BegunAction action) {
        EngineContainer waiter = action.waiter();
        waiter.endsWith(2);
        action.target().awaitState(new State.Gone());
        assertThat(waiter.log()).contains("The handoff is void").doesNotContain("Starting the target");
        assertThat(waiter.state()).isEqualTo(new State.Ended(2));
        assertThat(waiter.starts()).isEqualTo(1);
        assertThat(action.target().starts()).isZero();
    }
}
