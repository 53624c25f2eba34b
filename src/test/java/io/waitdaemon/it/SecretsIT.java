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
import org.junit.jupiter.api.parallel.ResourceLock;

/** Does anything that an operator gave in confidence show up in a log, an inspection or a command line (SPEC §8)? */
@ResourceLock(Engine.LOCK)
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
    void user_information_in_docker_host_is_not_repeated() {
        Action refused = act(List.of("IMAGE=target", "DOCKER_HOST=tcp://operator:" + secret + "@127.0.0.1:1"));
        Action malformed = act(List.of("IMAGE=target", "DOCKER_HOST=tcp://operator:" + secret + "@a/b@127.0.0.1"));

        assertThat(refused.exit()).isEqualTo(12);
        assertThat(refused.log()).contains("tcp://127.0.0.1:1").doesNotContain(secret);
        assertThat(malformed.exit()).isEqualTo(78);
        assertThat(malformed.log()).contains("tcp://***@127.0.0.1").doesNotContain(secret);
    }

    @Test
    void dry_run_masks_the_values_of_options_too() {
        List<String> options = options(List.of("IMAGE=target", "TOKEN=" + secret, "WAITDAEMON_DRY_RUN=true"));
        options.addAll(List.of("--log-opt", "labels=" + secret, "--tmpfs", "/scratch"));

        Action action = agent.runBare(Agent.newName("secrets"), options, "reboot", "-f");

        assertThat(action.succeeded().log())
                .contains("TOKEN=***", "/scratch", "labels")
                .doesNotContain(secret);
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
