package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.Role;
import io.waitdaemon.it.ActionEngine.State;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several handoffs, one after the other of the same action or many at a time: does each get its own launch and no more? */
abstract class RetryContract extends ContractPart {

    @Test
    void retried_action_replaces_the_waiter_and_the_unstarted_target_of_its_earlier_try() throws IOException {
        ActionRequest request = noting("first").waiting(600);
        BegunAction first = handOff(request).action();
        EngineContainer waiter = first.waiter();
        EngineContainer target = first.target();

        BegunAction.Ended second = handOff(noting("second").waiting(1).named(request.name()));

        assertThat(second.log()).contains("Removed the waiter of an earlier try", "Removed the unstarted target");
        assertEndsWell(second.action());
        assertThat(waiter.state()).isEqualTo(new State.Gone());
        assertThat(target.state()).isEqualTo(new State.Gone());
        assertThat(engine().made(second.action().id(), Role.TARGET)).hasSize(1);
        assertThat(notes()).containsExactly("second");
    }

    @Test
    void target_of_an_earlier_try_that_has_been_started_is_left_alone() throws IOException {
        ActionRequest request = inFolder("echo first >> /out/notes; until [ -e /out/end ]; do sleep 0.05; done");
        EngineContainer target = handOff(request).action().target();
        target.awaitStart();

        BegunAction.Ended second = handOff(noting("second").named(request.name()));

        assertThat(second.log()).contains("Left the target of an earlier try of this action alone");
        assertEndsWell(second.action());
        assertThat(target.state()).isEqualTo(new State.Running());
        Files.createFile(folder.resolve("end"));
        target.endsWith(0);
        assertThat(notes()).containsExactly("first", "second");
    }

    @Test
    void retried_action_that_fails_leaves_no_waiter_of_its_earlier_try_behind() {
        ActionRequest request = noting("first").waiting(600);
        BegunAction first = handOff(request).action();

        BegunAction second = run(noting("second")
                        .named(request.name())
                        .with("IMAGE", "no-such-image")
                        .with("WAITDAEMON_PULL_POLICY", "never"))
                .endedWith(1)
                .action();

        assertNothingIsLeft(first);
        assertNothingIsLeft(second);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    @InterruptsAction
    void action_that_was_killed_when_it_had_just_made_the_target_is_cleared_up_by_the_next_try() throws IOException {
        ActionRequest request = noting("first");
        BegunAction first = begin(request);
        first.target();
        engine().signal(first.id(), "KILL");
        first.ended();
        engine().forceRemove(first.id());

        BegunAction second = handOff(noting("second").named(request.name())).action();

        assertEndsWell(second);
        assertNothingIsLeft(first);
        assertThat(notes()).containsExactly("second");
    }

    @Test
    void two_actions_at_a_time_do_not_disturb_each_other() throws IOException {
        BegunAction.Ended one = handOff(noting("one").waiting(3));
        BegunAction.Ended other = handOff(noting("other").waiting(1));

        assertThat(other.log()).doesNotContain("earlier try");
        assertEndsWell(one.action());
        assertEndsWell(other.action());
        assertThat(notes()).containsExactlyInAnyOrder("one", "other");
    }

    @Test
    void jitter_lengthens_the_wait_by_no_more_than_it_says() {
        List<BegunAction.Ended> handedOff = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            handedOff.add(handOff(ActionRequest.of("true").waiting(1).with("WAITDAEMON_JITTER_SECONDS", "2")));
        }

        for (BegunAction.Ended each : handedOff) {
            assertThat(waited(each)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3 + 1));
        }
    }

    @Test
    void many_handoffs_eight_at_a_time_start_each_target_once_and_none_too_early() throws Exception {
        List<Callable<BegunAction.Ended>> handoffs = IntStream.range(0, engine().many())
                .<Callable<BegunAction.Ended>>mapToObj(number -> () ->
                        handOff(noting(Integer.toString(number)).waiting(1).with(ActionRequest.Network.NONE)))
                .toList();
        List<BegunAction.Ended> handedOff = Crowd.run(handoffs);

        for (BegunAction.Ended each : handedOff) {
            BegunAction action = each.action();
            action.waiter().endsWith(0);
            assertThat(waited(each)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(engine().made(action.id(), Role.WAITER)).hasSize(1);
            assertThat(engine().made(action.id(), Role.TARGET)).hasSize(1);
            assertThat(action.container().state()).isEqualTo(new State.Gone());
        }
        assertThat(notes()).hasSize(engine().many()).doesNotHaveDuplicates();
    }

    /** An action whose target leaves this word. */
    private ActionRequest noting(String word) {
        return inFolder("echo " + word + " >> /out/notes");
    }

    private ActionRequest inFolder(String script) {
        return ActionRequest.of("sh", "-c", script).with(new ActionRequest.Bind(folder, "/out", false));
    }

    private List<String> notes() throws IOException {
        return Files.readAllLines(folder.resolve("notes"));
    }

    private static void assertEndsWell(BegunAction action) {
        action.waiter().endsWith(0);
        assertThat(action.target().starts()).isEqualTo(1);
    }

    private static Duration waited(BegunAction.Ended ended) {
        return Duration.between(ended.at(), ended.action().target().awaitStart());
    }
}
