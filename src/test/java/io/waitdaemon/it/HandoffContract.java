package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.End;
import io.waitdaemon.it.ActionEngine.Role;
import io.waitdaemon.it.ActionEngine.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The main job, from the start of the action to the end of the target; and the handoffs that cannot begin. */
abstract class HandoffContract extends ContractPart {

    @Test
    @OnBothImages
    void target_runs_once_after_the_wait_and_after_the_agent_has_removed_the_action() {
        BegunAction.Ended ended =
                handOff(ActionRequest.of("echo", "the target's own words").waiting(2));
        BegunAction action = ended.action();

        Instant started = action.target().awaitStart();
        End target = action.target().endsWith(0);
        End waiter = action.waiter().endsWith(0);

        assertThat(engine().state(action.id())).isEqualTo(new State.Gone());
        assertThat(Duration.between(ended.at(), started)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
        assertThat(waiter.at()).isAfter(target.at());
        assertThat(action.target().log()).isEqualTo("the target's own words\n");
        assertThat(action.target().starts()).isEqualTo(1);
        assertThat(action.waiter().starts()).isEqualTo(1);
        assertThat(engine().made(action.id(), Role.TARGET))
                .containsExactly(action.target().id());
        assertThat(engine().made(action.id(), Role.WAITER))
                .containsExactly(action.waiter().id());
    }

    @Test
    void target_is_there_and_unstarted_and_the_waiter_runs_when_the_action_has_reported_success() {
        BegunAction action = handOff(ActionRequest.of("true").waiting(600)).action();

        assertThat(action.target().state()).isEqualTo(new State.Created());
        assertThat(action.waiter().state()).isEqualTo(new State.Running());
        assertThat(engine().wouldRestart(action.waiter().id())).isTrue();
        assertThat(engine().wouldRestart(action.target().id())).isFalse();
    }

    @Test
    void handoff_needs_no_client_once_the_action_has_ended() {
        BegunAction action = handOff(ActionRequest.of("sh", "-c", "echo one; sleep 1; echo two")
                        .waiting(1))
                .action();

        engine().killClients();

        action.target().endsWith(0);
        action.waiter().endsWith(0);
        assertThat(action.target().log()).isEqualTo("one\ntwo\n");
    }

    @Test
    void target_has_the_namespaces_and_binds_of_the_action() throws IOException {
        Path given = Files.writeString(folder.resolve("given"), "from outside\n");
        String script = "readlink /proc/self/ns/pid; readlink /proc/self/ns/net; cat /data/given;"
                + " (echo x > /data/given) 2> /dev/null || echo refused";

        String output = outputOfTarget(ActionRequest.of("sh", "-c", script)
                .withHostPid()
                .with(ActionRequest.Network.HOST)
                .with(new ActionRequest.Bind(folder, "/data", true)));

        assertThat(output.lines())
                .containsExactly(engine().namespace("pid"), engine().namespace("net"), "from outside", "refused");
        assertThat(given).hasContent("from outside\n");
    }

    @Test
    void target_without_a_network_has_none() {
        assertThat(outputOfTarget(ActionRequest.of("ls", "/sys/class/net").with(ActionRequest.Network.NONE)))
                .isEqualTo("lo\n");
    }

    @Test
    void bad_settings_are_reported_together_and_nothing_is_made() {
        BegunAction.Ended ended = run(ActionRequest.of()
                        .with(List.of(
                                "IMAGE=UPPER/case",
                                "WAIT_SECONDS=ten",
                                "CONTAINER_RUNTIME=podman",
                                "WAITDAEMON_DRY_RUN=yes")))
                .endedWith(78);

        assertThat(ended.log()).hasLineCount(1);
        assertThat(LogLine.error(ended.log()).message())
                .contains("There are 4 problems")
                .contains("IMAGE is \"UPPER/case\"", "WAIT_SECONDS is \"ten\"", "CONTAINER_RUNTIME is \"podman\"")
                .contains("WAITDAEMON_DRY_RUN is \"yes\"");
        assertNothingWasMade(ended.action());
    }

    @Test
    void image_that_is_not_there_and_may_not_be_pulled_fails_the_action_and_nothing_is_made() {
        BegunAction.Ended ended = run(ActionRequest.of("true")
                        .with("IMAGE", "target:absent")
                        .with("WAITDAEMON_PULL_POLICY", "never"))
                .endedWith(1);

        assertThat(LogLine.error(ended.log()).message())
                .contains("The image \"target:absent\" is not present", "WAITDAEMON_PULL_POLICY is never");
        assertNothingWasMade(ended.action());
    }

    @Test
    void action_without_a_way_to_the_engine_ends_with_12() {
        BegunAction.Ended ended = run(ActionRequest.of("true").withoutSocket()).endedWith(12);

        assertThat(LogLine.error(ended.log()).message()).contains("No usable container runtime. Tried: ");
        assertNothingWasMade(ended.action());
    }

    @Test
    @InterruptsAction
    void bind_whose_source_has_gone_fails_the_action_unless_the_engine_makes_it_anew() throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        BegunAction action =
                begin(ActionRequest.of("ls", "-a", "/data").with(new ActionRequest.Bind(source, "/data", false)));
        engine().pause(action.id());
        assertThat(engine().everMade(action.id(), Role.TARGET)).isEmpty();

        Files.delete(source);
        engine().resume(action.id());

        if (engine().createsMissingBindSources()) {
            action.ended().succeeded();
            action.target().endsWith(0);
            action.waiter().endsWith(0);
        } else {
            BegunAction.Ended ended = action.ended().endedWith(1);
            assertThat(LogLine.error(ended.log()).message()).contains(source.toString());
            assertNothingIsLeft(action);
        }
    }
}
