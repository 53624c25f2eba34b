package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.it.Agent.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What does an operator see whose action has a value that cannot be read (SPEC §3)? */
@ResourceLock(Engine.LOCK)
class BadInputIT {

    private static final String DURATION = "a number of seconds such as 10, or a duration such as 90s, 2m or PT1M";
    private static final String REFERENCE = "an image reference: [REGISTRY[:PORT]/]NAME[:TAG][@DIGEST]";
    private static final String READABLE = "the path of a readable file in the action container; mount it there";
    private static final String DOCKER = "unix:///path/to/docker.sock or tcp://host:port";
    private static final String CONTAINERD = "a path, unix:///path, tcp://host:port or http(s)://host:port";

    private final Agent agent = new Agent(Engine.shared());

    static Stream<Arguments> bad_values() {
        return Stream.of(
                arguments("WAIT_SECONDS=ten", DURATION),
                arguments("WAIT_SECONDS=-1", DURATION),
                arguments("WAIT_SECONDS=1e9", DURATION),
                arguments("WAIT_SECONDS=PT-1M", DURATION),
                arguments("CONTAINER_RUNTIME=podman", "one of auto, docker, nerdctl, containerd"),
                arguments("IMAGE=UPPER/case", "an image reference whose name is in lower case"),
                arguments("IMAGE=a b", REFERENCE),
                arguments("IMAGE=alpine:", REFERENCE),
                arguments("IMAGE=https://registry.example/alpine", REFERENCE),
                arguments("NSENTER_HOST=maybe", "true, 1, false or 0"),
                arguments("NERDCTL_HOST=maybe", "true, 1, false or 0"),
                arguments("DOCKER_HOST=nonsense", DOCKER),
                arguments("DOCKER_HOST=tcp://engine.example:port", DOCKER),
                arguments("CONTAINERD_NAMESPACE=a b", "a containerd namespace"),
                arguments("WFE_CONTAINERD_ADDR=ftp://engine.example:21", CONTAINERD),
                arguments("CONTAINERD_TLS_CA=/nowhere/ca.pem", READABLE),
                arguments("CONTAINERD_TLS_CERT=/nowhere/cert.pem", READABLE),
                arguments("CONTAINERD_TLS_KEY=/nowhere/key.pem", READABLE),
                arguments("CONTAINERD_IO_DIR=relative/folder", "an absolute path"),
                arguments("WFE_IO_DIR=.", "an absolute path"),
                arguments("WAITDAEMON_PULL_POLICY=sometimes", "one of missing, always, never"),
                arguments("WAITDAEMON_JITTER_SECONDS=-5", DURATION),
                arguments("WAITDAEMON_DRY_RUN=yes", "true, 1, false or 0"),
                arguments("WAITDAEMON_LOG_FORMAT=xml", "one of json, text"));
    }

    @ParameterizedTest
    @MethodSource("bad_values")
    void one_line_names_the_variable_the_value_and_what_is_allowed(String entry, String allowed) {
        String[] nameAndValue = entry.split("=", 2);

        Action action = agent.run(List.of("--env", entry));

        assertThat(refusal(action))
                .contains(nameAndValue[0])
                .contains(" is \"" + nameAndValue[1] + "\"; allowed: " + allowed)
                .contains("Nothing was created.");
    }

    @Test
    void empty_image_is_a_missing_one() {
        Action action = agent.run(List.of("--env", "IMAGE="), "--help");

        assertThat(refusal(action))
                .contains("IMAGE is missing or empty; allowed: the image reference of the target, such as");
    }

    @Test
    void certificate_for_containerd_wants_its_key() {
        Action action = agent.run(List.of("--env", "CONTAINERD_TLS_CERT=/etc/passwd"));

        assertThat(refusal(action)).contains("CONTAINERD_TLS_KEY is missing or empty");
    }

    @Test
    void missing_tls_files_are_named() {
        Action action =
                agent.run(List.of("--env", "DOCKER_TLS_VERIFY=1", "--env", "DOCKER_CERT_PATH=/nowhere/certificates"));

        assertThat(refusal(action))
                .contains("DOCKER_CERT_PATH is \"/nowhere/certificates\"; allowed: a folder with readable files")
                .contains("ca.pem is not there", "cert.pem is not there", "key.pem is not there");
    }

    @Test
    void half_of_the_registry_credentials_is_refused_without_showing_it() {
        Action password = agent.run(List.of("--env", "WAITDAEMON_REGISTRY_PASSWORD=kept-to-ourselves"));
        Action user = agent.run(List.of("--env", "WAITDAEMON_REGISTRY_USERNAME=operator"));

        assertThat(refusal(password))
                .contains("WAITDAEMON_REGISTRY_USERNAME is missing or empty")
                .doesNotContain("kept-to-ourselves");
        assertThat(refusal(user)).contains("WAITDAEMON_REGISTRY_PASSWORD is missing or empty");
    }

    @Test
    void value_on_several_lines_is_shown_on_one() {
        Action action = agent.run(List.of("--env", "WAIT_SECONDS=1\n2"));

        assertThat(refusal(action)).contains("WAIT_SECONDS is \"1\\n2\"");
    }

    @Test
    void empty_value_means_the_default() {
        Action action = agent.run(List.of(
                        "--env", "WAIT_SECONDS=", "--env", "CONTAINER_RUNTIME=", "--env", "WAITDAEMON_DRY_RUN=1"))
                .succeeded();

        assertThat(action.log()).contains("would start 10 s after the end of this container");
    }

    @Test
    void unknown_variable_with_our_prefix_is_warned_of_and_the_handoff_goes_on() {
        Action action = agent.run(List.of("--env", "WAITDAEMON_JITER_SECONDS=3", "--env", "WAIT_SECONDS=0"))
                .succeeded();

        assertThat(LogLine.of(action.log()))
                .filteredOn(line -> line.level().equals("WARN"))
                .extracting(LogLine::message)
                .singleElement()
                .asString()
                .contains("WAITDAEMON_JITER_SECONDS is not known");
        assertThat(action.made("waiter")).hasSize(1);
    }

    @Test
    void runtime_that_the_image_does_not_have_is_said_to_be_unusable() {
        Action action = agent.run(List.of("--env", "CONTAINER_RUNTIME=nerdctl"));

        assertThat(action.exit()).isEqualTo(12);
        assertThat(LogLine.error(action.log()).message())
                .contains("nerdctl in this image: there is none")
                .contains("nerdctl of the host: process 1 is in this container too");
        assertThat(made(action)).isEmpty();
    }

    @Test
    void without_image_and_arguments_it_says_what_an_action_looks_like() {
        Action action = agent.runBare(Agent.newName("bare"), agent.socket());

        assertThat(action.exit()).isEqualTo(78);
        assertThat(action.log())
                .contains("IMAGE is missing", "- name:", "image:", "environment:", "WAIT_SECONDS:")
                .doesNotContain("\tat ", "Exception");
    }

    @Test
    void without_image_it_speaks_for_itself() {
        Action help = agent.runBare(Agent.newName("help"), List.of(), "--help");
        Action version = agent.runBare(Agent.newName("version"), List.of(), "--version");
        Action unknown = agent.runBare(Agent.newName("unknown"), List.of(), "--no-such-option");

        assertThat(help.succeeded().log()).contains("Usage: waitdaemon", "IMAGE:");
        assertThat(version.succeeded().log()).matches("waitdaemon \\d+\\.\\d+\\.\\d+\\S*\n");
        assertThat(unknown.exit()).isEqualTo(78);
        assertThat(unknown.log()).contains("--no-such-option", "--help").hasLineCount(1);
    }

    /** The message of the one line that the action wrote, once everything else about a refusal has been seen to. */
    private static String refusal(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(78);
        assertThat(LogLine.of(action.log()))
                .singleElement()
                .extracting(LogLine::level)
                .isEqualTo("ERROR");
        LogLine line = LogLine.error(action.log());
        assertThat(line.json()).doesNotContainKeys("exception", "stackTrace");
        assertThat(line.message()).doesNotContain("\n", "Exception", "\tat ");
        assertThat(made(action)).isEmpty();
        return line.message();
    }

    private static List<String> made(Action action) {
        List<String> made = new ArrayList<>(action.made("target"));
        made.addAll(action.made("waiter"));
        return made;
    }
}
