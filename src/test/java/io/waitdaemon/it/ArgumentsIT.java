package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@link InputContract} cannot see: that Docker itself has the command and the image's settings as they were said. */
@ResourceLock(Engine.LOCK)
@OnBothImages
class ArgumentsIT {

    private static final Agent agent = new Agent(Engine.shared());
    private static final DockerCli docker = agent.docker();

    @BeforeAll
    static void prepare() {
        TestImage.configured(docker);
    }

    @Test
    void target_with_a_command_that_reboots_is_created_with_just_that_command() {
        Action action =
                agent.run(List.of("--env", "WAIT_SECONDS=600"), "reboot", "-f").succeeded();

        JsonObject config = docker.inspect(action.target()).getJsonObject("Config");
        assertThat(config.getJsonArray("Cmd")).hasToString("[\"reboot\",\"-f\"]");
        assertThat(config.get("Entrypoint")).isEqualTo(JsonValue.NULL);
        action.forceRemoveAll();
    }

    @Test
    void target_takes_everything_else_from_its_image_where_the_user_said_nothing() {
        Action action = agent.run(List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=target:configured"))
                .succeeded();

        assertThat(docker.inspect(action.target()).getJsonObject("Config"))
                .containsAllEntriesOf(Stream.of("User", "WorkingDir", "Entrypoint", "Cmd", "Volumes", "ExposedPorts")
                        .collect(Collectors.toMap(
                                field -> field,
                                docker.inspect("target:configured").getJsonObject("Config")::get)));
        action.forceRemoveAll();
    }
}
