package io.waitdaemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.main.Launch;
import io.quarkus.test.junit.main.LaunchResult;
import io.quarkus.test.junit.main.QuarkusMainTest;
import org.junit.jupiter.api.Test;

/** What does the program say for itself when it is no action? */
@QuarkusMainTest
class ShellCommandTest {

    @Test
    @Launch("--version")
    void version_is_that_of_the_build(LaunchResult result) {
        assertThat(result.getOutput()).isEqualTo("waitdaemon 0.1.0");
    }

    @Test
    @Launch("--help")
    void help_shows_an_action(LaunchResult result) {
        assertThat(result.getOutput()).contains("Usage: waitdaemon", "IMAGE: alpine");
    }

    @Test
    @Launch(
            value = {},
            exitCode = 78)
    void no_image_and_no_argument_is_a_bad_configuration(LaunchResult result) {
        assertThat(result.getErrorOutput()).contains("the environment variable IMAGE is missing", "pid: host");
    }

    @Test
    @Launch(
            value = {"reboot", "-f", "--version"},
            exitCode = 78)
    void command_without_an_image_is_a_mistake_in_a_template(LaunchResult result) {
        assertThat(result.getErrorOutput())
                .contains("the environment variable IMAGE is missing", "\"reboot\"", "waitdaemon --help");
    }

    @Test
    @Launch(
            value = {"launch", "nonsense"},
            exitCode = 78)
    void launch_is_not_for_a_shell(LaunchResult result) {
        assertThat(result.getOutput()).contains("nothing for a shell");
    }
}
