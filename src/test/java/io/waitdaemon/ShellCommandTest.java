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
    @Launch(value = "--unknown", exitCode = 78)
    void unknown_option_points_to_the_help(LaunchResult result) {
        assertThat(result.getErrorOutput()).contains("--unknown", "waitdaemon --help");
    }
}
