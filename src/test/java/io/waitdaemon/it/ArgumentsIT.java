package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonArray;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Do the action's arguments reach the target untouched (SPEC §3), whatever they look like to a program on the way? */
class ArgumentsIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static final Agent agent = new Agent(Engine.shared());
    private static final DockerCli docker = agent.docker();

    @BeforeAll
    static void prepare() {
        TestImage.configured(docker);
    }

    @ParameterizedTest
    @MethodSource("arguments")
    void target_gets_the_arguments_as_they_are(List<String> arguments) {
        try (Events events = Events.of(docker)) {
            Action action = agent.run(
                            List.of("--env", "IMAGE=target:configured", "--env", "WAIT_SECONDS=0"),
                            arguments.toArray(String[]::new))
                    .succeeded();
            String target = action.target();

            events.awaitDie(target, SOON);
            events.awaitDie(action.waiter(), SOON);

            assertThat(command(target)).isEqualTo(arguments);
            assertThat(entrypoint(target)).containsExactly("/bin/show");
            assertThat(docker.ok("logs", target).out())
                    .startsWith(arguments.stream()
                            .map(argument -> "arg=" + argument + "\n")
                            .collect(Collectors.joining("", "user=1000:1000\nfolder=/srv/app\n", "")));
            action.forceRemoveAll();
        }
    }

    static Stream<List<String>> arguments() {
        return Stream.of(
                List.of("--help"),
                List.of("--version"),
                List.of("-Dx=y", "-Dquarkus.log.level=BOGUS", "-Dwaitdaemon.image=other"),
                List.of("-XX:x", "-Xmx1k", "-XX:Flags=x", "-XX:+PrintFlagsFinal"),
                List.of("--", "-x"),
                List.of(""),
                List.of("", "a", "", ""),
                List.of("two words", " ", "\t", "a  b "),
                List.of("'", "\"", "\\", "\"'\\\"", "$HOME ${IMAGE} `id` $(id)", "*", "~", "#", "%s\\n"),
                List.of("one\ntwo", "\n", "end\n"),
                List.of("@file", "@", "@@x", "@/etc/passwd"),
                List.of("grüß", "日本語", "😀", "\u00a0"),
                List.of("launch", "{\"runtime\":\"docker\"}"),
                List.of("run", "alpine", "echo"),
                List.of("IMAGE=other", "-u", "IMAGE"));
    }

    @Test
    void target_with_a_command_that_reboots_is_created_with_just_that_command() {
        Action action =
                agent.run(List.of("--env", "WAIT_SECONDS=600"), "reboot", "-f").succeeded();

        assertThat(command(action.target())).containsExactly("reboot", "-f");
        assertThat(docker.inspect(action.target()).getJsonObject("Config").get("Entrypoint"))
                .isEqualTo(JsonValue.NULL);
        action.forceRemoveAll();
    }

    @Test
    void target_without_arguments_runs_the_default_command_of_its_image() {
        assertThat(outputWithoutArguments("target")).isEqualTo("the target ran\n");
        assertThat(outputWithoutArguments("target:configured"))
                .startsWith("user=1000:1000\nfolder=/srv/app\narg=default\n");
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

    private static String outputWithoutArguments(String image) {
        return agent.outputOfTarget(List.of("--env", "IMAGE=" + image, "--env", "WAIT_SECONDS=0"));
    }

    private static List<String> command(String id) {
        return texts(docker.inspect(id).getJsonObject("Config").getJsonArray("Cmd"));
    }

    private static List<String> entrypoint(String id) {
        return texts(docker.inspect(id).getJsonObject("Config").getJsonArray("Entrypoint"));
    }

    private static List<String> texts(JsonArray array) {
        return array.getValuesAs(JsonString.class).stream()
                .map(JsonString::getString)
                .toList();
    }
}
