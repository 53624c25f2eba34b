package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is in the jvm image, and is its AOT cache that of its own classes? */
@ResourceLock(Engine.LOCK)
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
    void cache_left_by_an_earlier_build_is_not_taken_over() {
        String beginning = inImage("head", "-c", "64", "/app/waitdaemon.aot");

        assertThat(beginning).isNotEmpty().doesNotContain(WaitdaemonImage.STALE_CACHE);
    }

    @Test
    void runtime_accepts_the_cache_and_takes_the_programs_classes_from_it() {
        List<String> entrypoint = docker
                .inspect(WaitdaemonImage.NAME)
                .getJsonObject("Config")
                .getJsonArray("Entrypoint")
                .getValuesAs(jakarta.json.JsonString.class)
                .stream()
                .map(jakarta.json.JsonString::getString)
                .toList();
        int java = entrypoint.indexOf("/runtime/bin/java");
        List<String> options = entrypoint.subList(java + 1, entrypoint.size());
        String loaded = docker.ok(Stream.of(
                                Stream.of("run", "--rm", "--network", "none", "--entrypoint", "/runtime/bin/java"),
                                Stream.of(WaitdaemonImage.NAME),
                                options.stream()
                                        .filter(option -> !option.startsWith("-Xlog"))
                                        .takeWhile(option -> !option.equals("-jar")),
                                Stream.of(
                                        "-XX:AOTMode=on",
                                        "-Xlog:class+load",
                                        "-jar",
                                        "/app/quarkus-run.jar",
                                        "--version"))
                        .flatMap(words -> words)
                        .toArray(String[]::new))
                .out();

        assertThat(loaded.lines().filter(line -> line.contains(" io.waitdaemon.WaitDaemon source:")))
                .singleElement()
                .asString()
                .contains("shared objects file");
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
        assertThat(inImage("ls", "/")).contains("bin", "runtime").doesNotContain("usr/local");
        assertThat(inImage("find", "/", "-name", "nerdctl*", "-not", "-path", "/proc/*"))
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

    private String inImage(String... busybox) {
        return docker.ok(Stream.concat(
                                Stream.of(
                                        "run",
                                        "--rm",
                                        "--network",
                                        "none",
                                        "--entrypoint",
                                        "/bin/busybox",
                                        WaitdaemonImage.NAME),
                                Stream.of(busybox))
                        .toArray(String[]::new))
                .out();
    }
}
