package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is in the image? */
@ResourceLock(Engine.LOCK)
@OnBothImages
class ImageIT {

    private final DockerCli docker = Engine.shared().cli();

    @BeforeEach
    void provide() {
        WaitdaemonImage.provide(docker);
    }

    @Test
    void configuration_has_an_entrypoint_and_nothing_that_a_target_could_inherit() {
        JsonObject config = docker.inspect(WaitdaemonImage.NAME).getJsonObject("Config");

        assertThat(config.getJsonArray("Entrypoint").getString(0)).isEqualTo("/bin/busybox");
        assertThat(Stream.of("Cmd", "Env", "Volumes", "ExposedPorts", "OnBuild")
                        .map(field -> config.getOrDefault(field, JsonValue.NULL)))
                .isSubsetOf(JsonValue.NULL, JsonValue.EMPTY_JSON_OBJECT, JsonValue.EMPTY_JSON_ARRAY);
        assertThat(config.getString("User", "")).isEmpty();
    }

    @Test
    void labels_name_version_revision_source_and_licence() {
        JsonObject labels =
                docker.inspect(WaitdaemonImage.NAME).getJsonObject("Config").getJsonObject("Labels");

        assertThat(labels.keySet())
                .containsExactlyInAnyOrder(
                        "org.opencontainers.image.title",
                        "org.opencontainers.image.version",
                        "org.opencontainers.image.revision",
                        "org.opencontainers.image.source",
                        "org.opencontainers.image.licenses");
        assertThat(labels.getString("org.opencontainers.image.licenses")).isEqualTo("Apache-2.0");
    }

    @Test
    void help_and_version_are_for_people_who_set_no_image() {
        assertThat(docker.ok("run", "--rm", "--network", "none", WaitdaemonImage.NAME, "--version")
                        .out())
                .startsWith("waitdaemon ");
        assertThat(docker.ok("run", "--rm", "--network", "none", WaitdaemonImage.NAME, "--help")
                        .out())
                .contains("Usage: waitdaemon");
    }

    @Test
    void user_can_be_given_by_name() {
        assertThat(docker.ok("run", "--rm", "--network", "none", "--user", "root", WaitdaemonImage.NAME, "--version")
                        .out())
                .startsWith("waitdaemon ");
    }

    @Test
    void nerdctl_is_in_the_images_alone_whose_tag_says_so() throws IOException {
        assertThat(WaitdaemonImage.busybox(docker, "find", "/", "-name", "nerdctl*", "-not", "-path", "/proc/*"))
                .isEmpty();
        assertThat(refusal("waitdaemon:x", "/bin/busybox"))
                .contains("the tag of an image with nerdctl ends with -nerdctl, and 'waitdaemon:x' does not");
        assertThat(refusal("waitdaemon:x-nerdctl", "/bin/ls")).contains("--nerdctl /bin/ls: is not static");
    }

    /** What the build says of such a tag and such a nerdctl, which it does not take. */
    private static String refusal(String tag, String nerdctl) throws IOException {
        Process build = new ProcessBuilder("src/main/docker/build", "jvm", tag, "--nerdctl", nerdctl)
                .redirectErrorStream(true)
                .start();
        String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(build.onExit().join().exitValue()).isEqualTo(2);
        return said;
    }
}
