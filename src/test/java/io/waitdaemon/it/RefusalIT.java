package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Registry;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is left of a handoff whose target or waiter the engine refuses (SPEC §4.5)? */
@ResourceLock(Engine.LOCK)
class RefusalIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();

    @Test
    void volumes_of_a_container_that_is_gone() {
        String name = Agent.newName("volumes");
        docker.ok("create", "--name", name + "-source", "--volume", "/data", "target");
        ActionInProgress action = create(name, "--volumes-from", name + "-source");
        docker.ok("rm", name + "-source");

        assertThat(failure(action.start().end()))
                .contains("The engine refused to create the target from \"target\": ")
                .contains("No such container: " + name + "-source")
                .contains("What it had created is removed");
    }

    @Test
    void name_that_another_container_has() {
        ActionInProgress action = create(Agent.newName("name"));
        String taken = action.name() + "-target-" + action.id().substring(0, 8);
        docker.ok("create", "--name", taken, "target");

        assertThat(failure(action.start().end())).contains("Conflict", taken);
        assertThat(docker.knows(taken)).isTrue();
    }

    @Test
    void image_without_a_command_in_an_action_without_one() {
        TestImage.with(docker, "target:commandless");

        Action action = agent.run(List.of("--env", "IMAGE=target:commandless"));

        assertThat(failure(action)).contains("No command specified");
    }

    @Test
    void mount_whose_source_has_gone_since_the_action_began(@TempDir Path folder) throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        try (Registry registry = Registry.open()) {
            ActionInProgress action =
                    held(registry, agent.socket(), "--mount", "type=bind,source=" + source + ",destination=/data");

            Files.delete(source);
            registry.start();

            assertThat(failure(action.end())).contains("bind source path does not exist", source.toString());
        }
    }

    @Test
    void waiter_that_cannot_have_the_socket_takes_the_target_with_it() throws IOException {
        Path socket = Files.createLink(
                agent.engine().folder().resolve("second-name.sock"),
                agent.engine().socket());
        try (Registry registry = Registry.open();
                Events events = Events.of(docker)) {
            ActionInProgress action = held(registry, List.of("--volume", socket + ":/var/run/docker.sock"));

            Files.delete(socket);
            registry.start();

            Action ended = action.end();
            assertThat(failure(ended))
                    .contains("The engine refused to create the waiter", "bind source path does not exist");
            assertThat(events.upToNow())
                    .filteredOn(event -> ended.id().equals(event.attributes().get("io.waitdaemon.action-id")))
                    .extracting(Events.Event::action)
                    .containsExactly("create", "destroy");
        }
    }

    /** An action that is trying to pull, since the registry is away until the test starts it again. */
    private ActionInProgress held(Registry registry, List<String> socket, String... options) {
        TestImage image = TestImage.unique(docker, "unique:held");
        String reference = registry.push(docker, image, "held:1");
        image.remove(docker);
        registry.stop();
        List<String> all = new ArrayList<>(socket);
        all.addAll(List.of("--env", "IMAGE=" + reference));
        all.addAll(List.of(options));
        return ActionInProgress.create(agent, Agent.newName("held"), all, "true")
                .start()
                .awaitLog("Trying again", SOON);
    }

    private ActionInProgress create(String name, String... options) {
        List<String> all = new ArrayList<>(agent.socket());
        all.addAll(List.of("--env", "IMAGE=target"));
        all.addAll(List.of(options));
        return ActionInProgress.create(agent, name, all);
    }

    private static String failure(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(1);
        assertThat(action.made("target")).isEmpty();
        assertThat(action.made("waiter")).isEmpty();
        return LogLine.error(action.log()).message();
    }
}
