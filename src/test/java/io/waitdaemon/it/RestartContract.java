package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Whatever is killed or stopped between handoff and launch: is the target started once, and at its time? The targets write
 * a line for each time that they run, so that no engine has to be believed.
 */
abstract class RestartContract extends ContractPart {

    private static final Duration LATE_AT_MOST = Duration.ofMillis(1500);

    /** An engine that has just come back may be this slow; with a wait of 7 s, one that began anew would be later. */
    private static final Duration COMING_BACK = Duration.ofSeconds(4);

    private static final String READY = "The waiter is ready";
    private static final String DEADLINE_KNOWN = ", then the target starts";
    private static final String RUNS = "echo run >> /out/runs";
    private static final String RUNS_UNTIL_TOLD = RUNS + "; until [ -e /out/end ]; do sleep 0.05; done; exit 7";

    @Test
    void killed_waiter_is_restarted_and_keeps_its_deadline() throws IOException {
        BegunAction.Ended ended = handedOff(4, RUNS);

        engine().killProcess(ended.action().waiter().id());

        ended.action().waiter().awaitStart(2);
        assertStartedOnceAfter(Duration.ofSeconds(4), ended, engine().restartDelay());
    }

    @Test
    @InterruptsAction
    void killed_waiter_that_does_not_know_the_deadline_waits_for_the_end_of_the_action() throws IOException {
        BegunAction action = begin(request(2, RUNS));
        EngineContainer waiter = readyWhileTheActionIsPaused(action);

        engine().killProcess(waiter.id());
        waiter.awaitLog("This waiter was started again");
        engine().resume(action.id());

        BegunAction.Ended ended = action.ended().succeeded();
        engine().agentRemoves(action.id());
        assertStartedOnceAfter(Duration.ofSeconds(2), ended, Duration.ZERO);
    }

    @Test
    void waiter_that_is_killed_after_the_launch_follows_the_target_and_does_not_start_it_again() throws IOException {
        BegunAction action = handOff(request(0, RUNS_UNTIL_TOLD)).action();
        action.waiter().awaitLog("Started the target");

        engine().killProcess(action.waiter().id());

        action.waiter().awaitStart(2);
        Files.createFile(folder.resolve("end"));
        assertThat(action.waiter().awaitEnd(2).exit()).isEqualTo(3);
        assertThat(action.target().starts()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
        assertThat(action.waiter().log())
                .contains("The target has been started already", "The target ended with exit code 7");
    }

    /** The target ends before the next start of the waiter has got as far as to look at it. */
    @Test
    void waiter_that_is_killed_and_restarted_when_the_target_has_ended_does_not_start_it_again() throws IOException {
        BegunAction action = handOff(request(0, RUNS_UNTIL_TOLD)).action();
        action.waiter().awaitLog("Started the target");

        engine().killProcess(action.waiter().id());
        Files.createFile(folder.resolve("end"));

        assertThat(action.waiter().awaitEnd(2).exit()).isEqualTo(3);
        assertThat(action.target().starts()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void engine_that_is_stopped_before_the_deadline_and_started_before_it_keeps_it() throws IOException {
        BegunAction.Ended ended = handedOff(7, RUNS);

        engine().stop();
        engine().start();

        assertStartedOnceAfter(
                Duration.ofSeconds(7), ended, comingBack(ended.at().plusSeconds(7)));
    }

    @Test
    void engine_that_is_stopped_before_the_deadline_and_started_after_it_starts_the_target() throws Exception {
        BegunAction.Ended ended = handedOff(3, RUNS);

        engine().stop();
        pass(ended.at().plusSeconds(3));
        engine().start();

        assertStartedOnce(ended.action());
    }

    @Test
    void engine_that_is_killed_and_started_before_the_deadline_keeps_it() throws IOException {
        BegunAction.Ended ended = handedOff(7, RUNS);

        engine().kill();
        engine().start();

        assertStartedOnceAfter(
                Duration.ofSeconds(7), ended, comingBack(ended.at().plusSeconds(7)));
    }

    @Test
    void engine_that_is_killed_before_the_deadline_and_started_after_it_starts_the_target() throws Exception {
        BegunAction.Ended ended = handedOff(3, RUNS);

        engine().kill();
        pass(ended.at().plusSeconds(3));
        engine().start();

        assertStartedOnce(ended.action());
    }

    @Test
    void engine_that_is_killed_while_the_target_runs_does_not_start_it_again() throws IOException {
        BegunAction action = handOff(request(0, RUNS_UNTIL_TOLD)).action();
        action.target().awaitStart();

        engine().kill();
        engine().start();
        Files.createFile(folder.resolve("end"));

        action.waiter().awaitState(new State.Ended(3));
        assertThat(action.target().starts()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    @InterruptsAction
    void action_that_is_removed_before_the_waiter_looks_at_it_again_loses_nothing() throws IOException {
        BegunAction action = begin(request(1, RUNS));
        EngineContainer waiter = readyWhileTheActionIsPaused(action);
        engine().pause(waiter.id());
        engine().resume(action.id());

        action.ended().succeeded();
        engine().agentRemoves(action.id());
        engine().resume(waiter.id());

        assertStartedOnce(action);
    }

    /** An action that has ended well and that its agent has removed, once the waiter knows the deadline. */
    private BegunAction.Ended handedOff(int wait, String script) {
        BegunAction.Ended ended = handOff(request(wait, script));
        ended.action().waiter().awaitLog(DEADLINE_KNOWN);
        return ended;
    }

    private ActionRequest request(int wait, String script) {
        return ActionRequest.of("sh", "-c", script).waiting(wait).with(new ActionRequest.Bind(folder, "/out", false));
    }

    private EngineContainer readyWhileTheActionIsPaused(BegunAction action) {
        EngineContainer waiter = action.waiter();
        waiter.awaitStart();
        engine().pause(action.id());
        return waiter.awaitLog(READY);
    }

    /** What an engine that is back just now may add to a deadline, which has passed already when the machine is busy. */
    private static Duration comingBack(Instant due) {
        Duration late = Duration.between(due, Instant.now());
        return late.isPositive() ? COMING_BACK.plus(late) : COMING_BACK;
    }

    /** @param lateness that the engine may add */
    private void assertStartedOnceAfter(Duration wait, BegunAction.Ended ended, Duration lateness) throws IOException {
        Instant started = assertStartedOnce(ended.action());
        assertThat(Duration.between(ended.at(), started))
                .isBetween(wait, wait.plus(LATE_AT_MOST).plus(lateness));
    }

    /** The waiter's end is waited for as well: up to it, the target might be started once more. */
    private Instant assertStartedOnce(BegunAction action) throws IOException {
        Instant started = action.target().awaitStart();
        action.waiter().awaitState(new State.Ended(0));
        assertThat(action.target().starts()).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
        return started;
    }

    private long runs() throws IOException {
        Path runs = folder.resolve("runs");
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    /** The one thing here that no event tells of: an engine that is away sends none. */
    private static void pass(Instant moment) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), moment);
        if (left.isPositive()) {
            Thread.sleep(left.plusMillis(200));
        }
    }
}
