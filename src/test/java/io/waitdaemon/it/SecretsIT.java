package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Registry;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Does anything that an operator gave in confidence show up in a log, an inspection or a command line (SPEC §8)? */
class SecretsIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();
    private final String secret = newSecret();

    @Test
    void whole_handoff_with_registry_credentials_shows_nothing() throws IOException {
        String user = newSecret();
        String password = newSecret();
        try (Registry registry = Registry.withLogin(user, password);
                Events events = Events.of(docker)) {
            TestImage image = TestImage.unique(docker, "unique:secrets");
            String reference = registry.push(docker, image, "team/target:1");
            image.remove(docker);

            Action action = act(
                            List.of(
                                    "IMAGE=" + reference,
                                    "TOKEN=" + secret,
                                    "DATABASE=postgres://" + secret + ":" + secret + "@db.example/x",
                                    "WAITDAEMON_REGISTRY_USERNAME=" + user,
                                    "WAITDAEMON_REGISTRY_PASSWORD=" + password),
                            "sleep",
                            "600")
                    .succeeded();
            String target = action.target();
            events.awaitStart(target, SOON);
            List<String> commandLines = commandLines();
            docker.ok("kill", target);
            events.awaitDie(action.waiter(), SOON);

            String waiter = docker.inspect(action.waiter()).toString();
            for (String hidden : List.of(secret, user, password)) {
                assertThat(action.log()).doesNotContain(hidden);
                assertThat(action.waiterLog()).contains("SIGKILL").doesNotContain(hidden);
                assertThat(waiter).doesNotContain(hidden);
                assertThat(commandLines).noneMatch(line -> line.contains(hidden));
            }
            assertThat(docker.inspect(target).toString()).contains(secret).doesNotContain(user, password);
        }
    }

    @Test
    void wrong_registry_credentials_are_not_repeated() {
        String user = newSecret();
        try (Registry registry = Registry.withLogin("operator", "right")) {
            Action action = act(List.of(
                    "IMAGE=" + registry.address() + "/team/target:1",
                    "WAITDAEMON_REGISTRY_USERNAME=" + user,
                    "WAITDAEMON_REGISTRY_PASSWORD=" + secret));

            assertThat(action.exit()).isEqualTo(1);
            assertThat(action.log()).contains("unauthorized").doesNotContain(user, secret);
        }
    }

    /** There is no making an engine quote a random word in such an error, so the word is one that it does say. */
    @Test
    void words_of_the_engine_are_masked_in_the_warnings_before_a_retry_too() {
        try (Registry registry = Registry.open()) {
            registry.stop();
            ActionInProgress action = ActionInProgress.create(
                            agent,
                            Agent.newName("secrets"),
                            options(List.of("IMAGE=" + registry.address() + "/team/target:1", "PIN=refused")))
                    .start()
                    .awaitLog("Trying again", SOON);

            docker.ok("kill", action.id());

            assertThat(action.end().log()).contains("connection ***").doesNotContain("refused");
        }
    }

    @Test
    void values_of_the_environment_that_the_engine_quotes_back_are_masked() {
        docker.ok("create", "--name", secret, "--volume", "/data", "target");
        List<String> options = options(List.of("IMAGE=target", "TOKEN=" + secret, "CONTAINER_RUNTIME=docker"));
        options.addAll(List.of("--volumes-from", secret));
        ActionInProgress action = ActionInProgress.create(agent, Agent.newName("secrets"), options);
        docker.ok("rm", secret);

        Action ended = action.start().end();

        assertThat(ended.exit()).isEqualTo(1);
        assertThat(ended.log()).contains("No such container: ***").doesNotContain(secret);
    }

    @Test
    void steering_values_are_no_secrets_and_stay_readable() {
        Action action = act(List.of(
                "IMAGE=target:absent",
                "CONTAINER_RUNTIME=docker",
                "WAITDAEMON_PULL_POLICY=never",
                "DOCKER_HOST=unix:///var/run/docker.sock"));

        assertThat(action.exit()).isEqualTo(1);
        assertThat(action.log())
                .contains("Using docker at unix:///var/run/docker.sock")
                .doesNotContain("***");
    }

    @Test
    void waiter_masks_the_environment_in_the_last_lines_of_a_target_that_failed() {
        try (Events events = Events.of(docker)) {
            Action action = act(List.of("IMAGE=target", "TOKEN=" + secret), "sh", "-cx", "echo token $TOKEN; exit 7")
                    .succeeded();

            events.awaitDie(action.waiter(), SOON);

            assertThat(action.waiterLog()).contains("exit code 7", "token ***").doesNotContain(secret);
        }
    }

    @Test
    void waiter_masks_the_environment_in_what_the_engine_says_of_a_target_that_cannot_start() {
        try (Events events = Events.of(docker)) {
            Action action =
                    act(List.of("IMAGE=target", "TOKEN=" + secret), secret).succeeded();

            events.awaitDie(action.waiter(), SOON);

            assertThat(action.waiterLog())
                    .contains("The engine cannot start the target", "***")
                    .doesNotContain(secret);
        }
    }

    @Test
    void user_information_in_docker_host_is_not_repeated() {
        Action refused = act(List.of("IMAGE=target", "DOCKER_HOST=tcp://operator:" + secret + "@127.0.0.1:1"));
        Action malformed = act(List.of("IMAGE=target", "DOCKER_HOST=tcp://operator:" + secret + "@a/b@127.0.0.1"));

        assertThat(refused.exit()).isEqualTo(12);
        assertThat(refused.log()).contains("tcp://127.0.0.1:1").doesNotContain(secret);
        assertThat(malformed.exit()).isEqualTo(78);
        assertThat(malformed.log()).contains("tcp://***@127.0.0.1").doesNotContain(secret);
    }

    @Test
    void dry_run_prints_the_plan_without_values_and_creates_nothing() {
        try (Events events = Events.of(docker)) {
            List<String> options = options(List.of(
                    "IMAGE=target",
                    "TOKEN=" + secret,
                    "WAITDAEMON_DRY_RUN=true",
                    "WAITDAEMON_REGISTRY_USERNAME=operator",
                    "WAITDAEMON_REGISTRY_PASSWORD=" + secret));
            options.addAll(List.of("--log-opt", "labels=" + secret, "--tmpfs", "/scratch"));
            Action action = ActionInProgress.create(agent, Agent.newName("secrets"), options, "reboot", "-f")
                    .start()
                    .end();

            assertThat(action.succeeded().log())
                    .contains("Dry run, nothing is created", "is present", "would start 0 s after")
                    .contains("TOKEN=***", "reboot", "/scratch", "labels")
                    .doesNotContain(secret, "WAITDAEMON_REGISTRY");
            assertThat(events.upToNow())
                    .filteredOn(event -> event.type().equals("container"))
                    .filteredOn(event -> event.attributes().containsValue(action.id()))
                    .isEmpty();
            assertThat(action.made("target")).isEmpty();
            assertThat(action.made("waiter")).isEmpty();
        }
    }

    @Test
    void every_line_of_action_and_waiter_is_an_object_by_which_a_handoff_can_be_followed() {
        try (Events events = Events.of(docker)) {
            Action action = act(List.of("IMAGE=target"), "false").succeeded();
            events.awaitDie(action.waiter(), SOON);
            String handedOff = action.id().substring(0, 12);
            String target = action.target().substring(0, 12);
            String waiter = action.waiter().substring(0, 12);

            List<LogLine> handoff = LogLine.of(action.log());
            List<LogLine> launch = LogLine.of(action.waiterLog());

            assertThat(handoff).allSatisfy(line -> isComplete(line, "handoff"));
            assertThat(handoff.getLast().ids())
                    .hasToString("{\"action\":\"%s\",\"target\":\"%s\",\"waiter\":\"%s\"}"
                            .formatted(handedOff, target, waiter));
            assertThat(launch).hasSizeGreaterThanOrEqualTo(3).allSatisfy(line -> {
                isComplete(line, "launch");
                assertThat(line.ids().getString("action")).isEqualTo(handedOff);
                assertThat(line.ids().getString("target")).isEqualTo(target);
            });
        }
    }

    @Test
    void text_format_is_for_both() {
        try (Events events = Events.of(docker)) {
            Action action = act(List.of("IMAGE=target", "WAITDAEMON_LOG_FORMAT=text"), "true")
                    .succeeded();
            events.awaitDie(action.waiter(), SOON);

            assertThat(action.log()).contains("Handed off: ");
            assertThat(action.waiterLog()).contains("The target ended with exit code 0");
            assertThat((action.log() + action.waiterLog()).lines())
                    .noneMatch(line -> line.startsWith("{"))
                    .allMatch(line -> line.matches(".*\\b(INFO|WARN)\\b.*"));
        }
    }

    private static void isComplete(LogLine line, String phase) {
        assertThat(line.json()).containsKeys("time", "level", "message", "phase", "ids");
        assertThat(line.json().getString("time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*");
        assertThat(line.json().getString("phase")).isEqualTo(phase);
    }

    private Action act(List<String> environment, String... command) {
        return agent.runBare(Agent.newName("secrets"), options(environment), command);
    }

    private List<String> options(List<String> environment) {
        List<String> options = new ArrayList<>(agent.socket());
        options.addAll(List.of("--env", "WAIT_SECONDS=0"));
        environment.forEach(entry -> options.addAll(List.of("--env", entry)));
        return options;
    }

    /** Of all processes of this machine, and as the engine shows them for all its containers. */
    private List<String> commandLines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (Files.isReadable(process.resolve("cmdline"))) {
                    lines.add(readIfAlive(process.resolve("cmdline")));
                }
            }
        }
        docker.ok("ps", "--all", "--no-trunc", "--format", "{{.Command}}")
                .out()
                .lines()
                .forEach(lines::add);
        assertThat(lines).anyMatch(line -> line.contains("sleep"));
        return lines;
    }

    private static String readIfAlive(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static String newSecret() {
        return "hush" + UUID.randomUUID().toString().replace("-", "");
    }
}
