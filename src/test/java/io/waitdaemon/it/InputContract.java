package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Are the arguments and the environment of the action the target's alone (SPEC §3)? Whatever they look like to a program
 * on the way, to a JVM, to Quarkus or to the C library, they have no effect in the action, and reach the target.
 */
abstract class InputContract extends ContractPart {

    private static final String IMAGE_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** What images, engines, their bindings and the shell of {@code /bin/show} set, besides the variables of a test. */
    private static final List<String> EXPECTED = List.of(
            "IMAGE=",
            "CONTAINER_RUNTIME=",
            "NSENTER_HOST=",
            "WAIT_SECONDS=",
            "SHARED=",
            "GREETING=",
            "PATH=",
            "HOSTNAME=",
            "HOME=",
            "PWD=",
            "SHLVL=",
            "OLDPWD=",
            "_=");

    @ParameterizedTest
    @MethodSource("arguments")
    void target_gets_the_arguments_as_they_are(List<String> arguments) {
        assertThat(shown(ActionRequest.of(arguments.toArray(String[]::new))))
                .startsWith(arguments.stream()
                        .map(argument -> "arg=" + argument + "\n")
                        .collect(Collectors.joining("", "user=1000:1000\nfolder=/srv/app\n", "")));
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
    void target_without_arguments_runs_the_default_command_of_its_image() {
        assertThat(outputOfTarget(ActionRequest.of())).isEqualTo("the target ran\n");
        assertThat(shown(ActionRequest.of())).startsWith("user=1000:1000\nfolder=/srv/app\narg=default\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variables")
    void variables_pass_through_and_change_nothing(String group, List<String> variables) {
        assertThat(handedOver(variables)).containsAll(variables).contains("IMAGE=target", "WAIT_SECONDS=0");
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
    void variables_of_waitdaemon_alone_do_not_reach_the_target() {
        List<String> entries = handedOver(List.of(
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
        assertThat(variablesOf(shown(ActionRequest.of("x").with("SHARED", "user"))))
                .contains("GREETING=hello from the image", "SHARED=user", IMAGE_PATH)
                .doesNotContain("SHARED=image")
                .allMatch(entry -> EXPECTED.stream().anyMatch(entry::startsWith));
        assertThat(variablesOf(shown(ActionRequest.of("x").with("PATH", "/opt:/bin"))))
                .contains("PATH=/opt:/bin")
                .doesNotContain(IMAGE_PATH);
    }

    /** What {@code /bin/show} wrote, the entrypoint of an image that sets all that an image can. */
    private String shown(ActionRequest request) {
        return outputOfTarget(request.with("IMAGE", "target:configured"));
    }

    private static List<String> variablesOf(String shown) {
        return shown.lines()
                .filter(line -> !line.startsWith("user=") && !line.startsWith("folder=") && !line.startsWith("arg="))
                .toList();
    }

    /** Runs an action to the end of its target; the environment that the target had. */
    private List<String> handedOver(List<String> variables) {
        BegunAction.Ended ended = handOff(ActionRequest.of("/bin/env").with(variables));
        EngineContainer target = ended.action().target();
        EngineContainer waiter = ended.action().waiter();
        target.endsWith(0);
        waiter.endsWith(0);

        assertCleanLog(ended.log(), "handoff", variables);
        assertCleanLog(waiter.log(), "launch", variables);
        return target.log().lines().toList();
    }

    private static void assertCleanLog(String log, String phase, List<String> variables) {
        assertThat(LogLine.of(log)).isNotEmpty().allSatisfy(line -> {
            assertThat(line.json().keySet()).containsExactlyInAnyOrder("time", "level", "message", "ids", "phase");
            assertThat(line.json().getString("phase")).isEqualTo(phase);
            assertThat(line.level()).isEqualTo("INFO");
        });
        assertThat(variables).allSatisfy(entry -> assertThat(log).doesNotContain(entry));
    }
}
