package io.waitdaemon.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime.ActionState;
import io.waitdaemon.runtime.LaunchRuntime.TargetState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When does the waiter start the target, and when does it refuse to? */
class LaunchTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration HANDOFF = Duration.ofSeconds(1000);
    private static final Duration UPTIME = Duration.ofSeconds(1100);

    private final RecordingRuntime runtime = new RecordingRuntime();

    @TempDir
    private Path folder;

    private FakeProc proc;

    @BeforeEach
    void boot() {
        proc = new FakeProc(folder).bootId("boot-1").uptime(UPTIME);
    }

    @Test
    void target_is_not_started_after_a_reboot() {
        proc.bootId("boot-2");

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.LAUNCH_FAILED);
        assertThat(runtime.calls).containsExactly("retire");
    }

    @Test
    void target_that_has_been_started_is_not_started_again() {
        runtime.target = TargetState.STARTED;

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).containsExactly("retire");
    }

    @Test
    void removed_target_is_no_reason_to_come_back() {
        runtime.target = TargetState.GONE;

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.LAUNCH_FAILED);
        assertThat(runtime.calls).containsExactly("retire");
    }

    @Test
    void readiness_is_told_before_the_end_of_the_action_is_waited_for_and_the_deadline_after_it() {
        runtime.action = new ActionState.Ended(0, NOW.minusSeconds(40));

        assertThat(launch(Duration.ofSeconds(30))).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).containsExactly("note ready", "note due-1090000", "start", "retire");
    }

    @Test
    void end_of_the_action_before_the_handoff_means_that_the_wall_clock_has_jumped_so_the_wait_begins_now() {
        runtime.action = new ActionState.Ended(0, Instant.parse("1970-01-01T00:01:00Z"));

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).contains("note due-1100000");
    }

    @Test
    void end_of_the_action_in_the_future_means_that_the_wall_clock_was_set_back_so_the_wait_begins_now() {
        runtime.action = new ActionState.Ended(0, NOW.plusSeconds(3600));

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).contains("note due-1100000");
    }

    @Test
    void action_that_was_removed_before_it_could_be_looked_at_starts_the_wait_now() {
        runtime.action = new ActionState.Gone();

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).containsExactly("note ready", "note due-1100000", "start", "retire");
    }

    @Test
    void restarted_waiter_goes_on_with_the_deadline_that_it_finds() {
        runtime.note = Optional.of("due-1099000");

        assertThat(launch(Duration.ofSeconds(500))).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).containsExactly("start", "retire");
    }

    @Test
    void failed_action_makes_the_handoff_void() {
        runtime.action = new ActionState.Ended(137, NOW);

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.LAUNCH_FAILED);
        assertThat(runtime.calls).containsExactly("note ready", "remove", "retire");
    }

    @Test
    void action_that_is_gone_before_the_waiter_was_ready_has_failed() {
        runtime.actionAtFirst = new ActionState.Gone();

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.LAUNCH_FAILED);
        assertThat(runtime.calls).containsExactly("remove", "retire");
    }

    @Test
    void engine_that_is_away_for_a_moment_is_asked_again() {
        runtime.startFailures.add(new EngineException(Kind.UNAVAILABLE, "socket gone"));

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.DONE);
        assertThat(runtime.calls).containsSubsequence("start", "start");
    }

    @Test
    void refused_start_is_final() {
        runtime.startFailures.add(new EngineException(Kind.REFUSED, "no such executable"));

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.LAUNCH_FAILED);
        assertThat(runtime.calls).endsWith("start", "retire");
    }

    @Test
    void failing_target_is_told_apart_and_does_not_bring_the_waiter_back() {
        runtime.ending = new Ending(7, false);

        assertThat(launch(Duration.ZERO)).isEqualTo(Outcome.TARGET_FAILED);
        assertThat(runtime.calls).endsWith("start", "retire");
    }

    private Outcome launch(Duration delay) {
        LaunchOrder order = new LaunchOrder(
                "test",
                Map.of(),
                "waiter",
                new ContainerId("action"),
                new ContainerId("target"),
                delay,
                "boot-1",
                HANDOFF);
        return new Launch(folder, Clock.fixed(NOW, ZoneOffset.UTC)).run(order, runtime);
    }
}
