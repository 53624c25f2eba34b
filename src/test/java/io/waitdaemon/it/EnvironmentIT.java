package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Is the environment the target's alone (SPEC §3)? What would steer or break a JVM, Quarkus or the C library has no
 * effect in the action, and reaches the target.
 */
class EnvironmentIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String IMAGE_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final Agent agent = new Agent(Engine.shared());
    private static final DockerCli docker = agent.docker();

    @BeforeAll
    static void prepare() {
        TestImage.configured(docker);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variables")
    void variables_pass_through_and_change_nothing(String group, List<String> variables) {
        List<String> entries = handedOver("target", List.of(), variables);

        assertThat(entries).containsAll(variables).contains("IMAGE=target", "WAIT_SECONDS=0");
    }

    static Stream<Arguments> variables() {
        return Stream.of(
                Arguments.of(
                        "Quarkus",
                        List.of(
                                "QUARKUS_LOG_LEVEL=BOGUS",
                                "QUARKUS_PROFILE=dev",
                                "QUARKUS_LAUNCH_DEVMODE=true",
                                "QUARKUS_CONFIG_LOCATIONS=/nowhere.properties",
                                "QUARKUS_LOG_CONSOLE_JSON_ENABLED=false",
                                "QUARKUS_LOG_CATEGORY__IO_WAITDAEMON__LEVEL=OFF",
                                "QUARKUS_BANNER_ENABLED=true",
                                "quarkus.log.level=BOGUS",
                                "_PROD_QUARKUS_LOG_LEVEL=BOGUS")),
                Arguments.of(
                        "SmallRye and MicroProfile",
                        List.of(
                                "SMALLRYE_CONFIG_LOCATIONS=/nowhere",
                                "SMALLRYE_CONFIG_PROFILE=dev",
                                "SMALLRYE_CONFIG_MAPPING_VALIDATE_UNKNOWN=true",
                                "MP_CONFIG_PROFILE=dev",
                                "mp.config.property.expressions.enabled=true",
                                "EXPRESSION=${nobody.knows.this}",
                                "MORE=$${IMAGE:x} ${",
                                "waitdaemon.image=other",
                                "waitdaemon.dry-run=true",
                                "io.waitdaemon.action=x")),
                Arguments.of(
                        "JVM",
                        List.of(
                                "JAVA_TOOL_OPTIONS=-XshowSettings",
                                "JDK_JAVA_OPTIONS=garbage",
                                "_JAVA_OPTIONS=-Xmx1k",
                                "JDK_AOT_VM_OPTIONS=-Xnothing",
                                "JAVA_OPTS=-Dx",
                                "JAVA_OPTS_APPEND=-Dx",
                                "JAVA_HOME=/nowhere",
                                "CLASSPATH=/nowhere.jar",
                                "_JAVA_LAUNCHER_DEBUG=1")),
                Arguments.of(
                        "JVM, a garbage option", List.of("JAVA_TOOL_OPTIONS=garbage", "_JAVA_OPTIONS=more garbage")),
                Arguments.of(
                        "C library",
                        List.of(
                                "LD_PRELOAD=/x.so",
                                "LD_LIBRARY_PATH=/nowhere",
                                "LD_DEBUG=all",
                                "GLIBC_TUNABLES=x",
                                "MALLOC_CHECK_=3",
                                "LC_ALL=xx",
                                "LANG=xx_YY.ISO-8859-1",
                                "LC_CTYPE=xx",
                                "TZ=Mars/Base",
                                "TMPDIR=/nowhere",
                                "HOME=/nowhere",
                                "UNICODE=grüß 😀")));
    }

    @Test
    void files_in_the_working_folder_change_nothing() throws IOException {
        Path folder = agent.engine().folder().resolve("environment");
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(
                folder.resolve(".env"), "QUARKUS_LOG_LEVEL=BOGUS\nWAITDAEMON_WAIT_SECONDS=ten\nIMAGE=other\n");
        Files.writeString(
                folder.resolve("config/application.properties"),
                "quarkus.log.level=BOGUS\nwaitdaemon.wait-seconds=ten\nwaitdaemon.image=other\n");
        Files.writeString(folder.resolve(".hotspotrc"), "garbage");
        Files.writeString(folder.resolve(".hotspot_compiler"), "garbage");

        List<String> entries = handedOver(
                "target",
                List.of("--volume", folder + ":/work", "--workdir", "/work"),
                List.of("QUARKUS_CONFIG_LOCATIONS=/work/config/application.properties", "OTHER=1"));

        assertThat(entries).contains("OTHER=1", "IMAGE=target");
    }

    @Test
    void variables_of_waitdaemon_alone_do_not_reach_the_target() {
        List<String> entries = handedOver(
                "target",
                List.of(),
                List.of(
                        "WAITDAEMON_PULL_POLICY=never",
                        "WAITDAEMON_LOG_FORMAT=json",
                        "WAITDAEMON_REGISTRY_USERNAME=somebody",
                        "WAITDAEMON_REGISTRY_PASSWORD=a-secret-password",
                        "WAITDAEMON_JITTER_SECONDS=0",
                        "WAITDAEMONIC=yes",
                        "waitdaemon_lower=yes"));

        assertThat(entries)
                .noneMatch(entry -> entry.startsWith("WAITDAEMON_") || entry.contains("a-secret-password"))
                .contains("WAITDAEMONIC=yes", "waitdaemon_lower=yes");
    }

    @Test
    void defaults_of_the_targets_image_hold_unless_the_user_said_otherwise() {
        assertThat(handedOver("target:configured", List.of(), List.of("SHARED=user")))
                .contains("GREETING=hello from the image", "SHARED=user", IMAGE_PATH)
                .doesNotContain("SHARED=image")
                .allMatch(entry -> Stream.of("IMAGE=", "WAIT_SECONDS=", "SHARED=", "GREETING=", "PATH=", "HOSTNAME=")
                        .anyMatch(entry::startsWith));
        assertThat(handedOver("target:configured", List.of(), List.of("PATH=/opt:/bin")))
                .contains("PATH=/opt:/bin")
                .doesNotContain(IMAGE_PATH);
    }

    /** Runs an action to the end of its target; the target's environment, as the engine has it. */
    private static List<String> handedOver(String image, List<String> options, List<String> variables) {
        List<String> all = new ArrayList<>(options);
        List.of("IMAGE=" + image, "WAIT_SECONDS=0").forEach(entry -> all.addAll(List.of("--env", entry)));
        variables.forEach(entry -> all.addAll(List.of("--env", entry)));
        try (Events events = Events.of(docker)) {
            Action action = agent.run(all, "/bin/env").succeeded();
            String target = action.target();
            events.awaitDie(target, SOON);
            assertThat(events.awaitDie(action.waiter(), SOON).attribute("exitCode"))
                    .contains("0");

            assertCleanLog(action.log(), "handoff", variables);
            assertCleanLog(action.waiterLog(), "launch", variables);
            List<String> configured =
                    docker
                            .inspect(target)
                            .getJsonObject("Config")
                            .getJsonArray("Env")
                            .getValuesAs(JsonString.class)
                            .stream()
                            .map(JsonString::getString)
                            .toList();
            assertThat(docker.ok("logs", target).out().lines()).containsAll(configured);
            action.forceRemoveAll();
            return configured;
        }
    }

    private static void assertCleanLog(String log, String phase, List<String> variables) {
        assertThat(log.lines()).isNotEmpty().allSatisfy(line -> {
            try (JsonReader reader = Json.createReader(new StringReader(line))) {
                JsonObject json = reader.readObject();
                assertThat(json.keySet()).containsExactlyInAnyOrder("time", "level", "message", "ids", "phase");
                assertThat(json.getString("phase")).isEqualTo(phase);
                assertThat(json.getString("level")).isEqualTo("INFO");
            }
        });
        assertThat(variables).allSatisfy(entry -> assertThat(log).doesNotContain(entry));
    }
}
