package io.waitdaemon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waitdaemon.engine.Events.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The fixtures themselves, since a wrong fixture makes every other test lie. */
@ResourceLock(Engine.LOCK)
class EngineFixtureIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @BeforeAll
    static void an_engine_can_run_here() {
        Engine.require();
    }

    @Test
    void shared_engine_runs_a_container_and_is_one_for_all() {
        PrivateDockerd engine = Engine.shared();
        DockerCli docker = engine.cli();
        TestImage image = TestImage.target(docker);

        Result result = docker.ok("run", "--rm", image.reference());

        assertThat(result.line()).isEqualTo("the target ran");
        assertThat(docker.engineVersion()).isNotEmpty();
        assertThat(docker.apiVersion()).startsWith("1.");
        assertThat(engine.socket().toString()).hasSizeLessThan(100);
        assertThat(Engine.shared()).isSameAs(engine);
        assertThat(TestImage.target(docker)).isEqualTo(image);
    }

    @Test
    void configured_image_carries_its_defaults_into_a_container() {
        DockerCli docker = Engine.shared().cli();
        TestImage image = TestImage.configured(docker);

        Result result = docker.ok("run", "--rm", image.reference(), "two words", "");

        assertThat(result.out().lines())
                .contains(
                        "user=1000:1000", "folder=/srv/app", "arg=two words", "arg=", "GREETING=hello from the image");
        assertThat(docker.inspect(image.id()).getJsonObject("Config"))
                .containsKeys("Labels", "ExposedPorts", "Volumes");
    }

    @Test
    void command_line_is_told_apart_from_its_failure_and_its_hang() {
        DockerCli docker = Engine.shared().cli();
        String image = TestImage.target(docker).reference();

        assertThat(docker.run("run", "--rm", image, "sh", "-c", "echo no >&2; exit 7"))
                .satisfies(result -> assertThat(result.exit()).isEqualTo(7))
                .satisfies(result -> assertThat(result.err()).contains("no"));
        assertThatThrownBy(() -> docker.run(Duration.ofMillis(500), "events"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Killed after");
        assertThat(docker.knows("nobody-has-this-name")).isFalse();
    }

    @Test
    void containers_reach_the_host_and_published_ports_are_reached() {
        PrivateDockerd engine = Engine.shared();
        DockerCli docker = engine.cli();
        String image = TestImage.target(docker).reference();
        docker.ok("network", "create", "--subnet", engine.subnet(0), "fixed");
        String container = docker.ok(
                        "run",
                        "--detach",
                        "--publish",
                        "127.0.0.1::8080",
                        "--network",
                        "fixed",
                        image,
                        "httpd",
                        "-f",
                        "-p",
                        "8080",
                        "-h",
                        "/etc")
                .line();
        String port = docker.ok("port", container, "8080/tcp").line();

        Result answer = Command.run(Command.need("busybox"), "wget", "-q", "-O", "-", "http://" + port + "/marker");

        docker.ok("rm", "--force", container);
        docker.ok("network", "rm", "fixed");
        assertThat(answer.ok().line()).isEqualTo("test");
        assertThat(docker.ok("run", "--rm", image, "ping", "-c", "1", engine.gateway())
                        .out())
                .contains("1 packets received");
    }

    @Test
    void engine_starts_again_on_its_data_with_its_containers() {
        try (PrivateDockerd engine = PrivateDockerd.create().start();
                Events events = Events.of(engine.cli())) {
            DockerCli docker = engine.cli();
            String image = TestImage.target(docker).reference();
            String kept = docker.ok("run", "--detach", "--restart=always", "--stop-timeout=1", image, "sleep", "600")
                    .line();
            Event first = events.awaitStart(kept, SOON);

            engine.stop();
            assertThat(engine.running()).isFalse();
            assertThat(docker.run("version").exit()).isNotZero();
            engine.start();

            Event second = events.await(
                    event -> event.action().equals("start") && event.isOf(kept) && event.timeNano() > first.timeNano(),
                    SOON);
            assertThat(second.after(first)).isPositive();
            assertThat(docker.inspect(kept).getJsonObject("State").getBoolean("Running"))
                    .isTrue();
            assertThat(events.count(kept, "start")).isEqualTo(2);
        }
    }

    @Test
    void starting_and_restarting_leaves_the_interfaces_and_packet_filter_of_others_alone() {
        String links = foreignLinks();
        String rules = rules();
        try (PrivateDockerd engine = PrivateDockerd.create().start()) {
            engine.stop();
            engine.start();
            engine.kill();
            engine.start();

            assertThat(foreignLinks()).isEqualTo(links);
            assertThat(rules()).isEqualTo(rules);
            assertThatThrownBy(() -> engine.start("--bridge=none")).isInstanceOf(IllegalStateException.class);
            engine.stop();
            assertThatThrownBy(() -> engine.start("--bridge=none")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(foreignLinks()).isEqualTo(links);
    }

    @Test
    void killed_engine_comes_back_and_with_live_restore_its_containers_never_stop() {
        try (PrivateDockerd engine = PrivateDockerd.create().start("--live-restore")) {
            DockerCli docker = engine.cli();
            String image = TestImage.target(docker).reference();
            String container =
                    docker.ok("run", "--detach", image, "sleep", "600").line();
            int pid = docker.inspect(container).getJsonObject("State").getInt("Pid");

            engine.kill();
            assertThat(docker.run("version").exit()).isNotZero();
            assertThat(Leftovers.alive(pid)).isTrue();
            engine.start("--live-restore");

            assertThat(docker.inspect(container).getJsonObject("State").getInt("Pid"))
                    .isEqualTo(pid);
        }
    }

    @Test
    void killed_engine_starts_a_container_with_a_restart_policy_anew() {
        try (PrivateDockerd engine = PrivateDockerd.create().start()) {
            DockerCli docker = engine.cli();
            String image = TestImage.target(docker).reference();
            String container = docker.ok(
                            "run", "--detach", "--restart=always", "--stop-timeout=1", image, "sleep", "600")
                    .line();
            int pid = docker.inspect(container).getJsonObject("State").getInt("Pid");

            engine.kill();
            engine.start();

            try (Events events = Events.since(docker, Instant.EPOCH)) {
                events.awaitStart(container, SOON);
            }
            assertThat(docker.inspect(container).getJsonObject("State").getInt("Pid"))
                    .isPositive()
                    .isNotEqualTo(pid);
        }
    }

    @Test
    void closing_leaves_nothing_even_after_a_kill() throws Exception {
        PrivateDockerd engine = PrivateDockerd.create().start();
        DockerCli docker = engine.cli();
        String image = TestImage.target(docker).reference();
        String network = docker.ok("network", "create", "left-behind").line();
        String container = docker.ok("run", "--detach", "--network", network, image, "sleep", "600")
                .line();
        long pid = docker.inspect(container).getJsonObject("State").getInt("Pid");

        engine.kill();
        engine.close();

        assertThat(Leftovers.alive(pid)).isFalse();
        assertThat(engine.folder()).doesNotExist();
        assertThat(Path.of("/sys/class/net/br-" + network.substring(0, 12))).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(engine.folder() + "/");
    }

    @Test
    void registry_with_a_login_takes_and_gives_images_to_those_who_have_it(@TempDir Path config) {
        DockerCli docker = Engine.shared().cli();
        try (Registry registry = Registry.withLogin("operator", "s3cret with blank")) {
            TestImage image = TestImage.unique(docker, "unique:login");
            String reference = registry.push(docker, image, "team/target:1");
            image.remove(docker);

            Result stranger = docker.run("pull", reference);
            registry.writeLogin(config);
            Result friend = docker.withConfig(config).run("pull", reference);

            assertThat(stranger.exit()).isNotZero();
            assertThat(stranger.err()).contains("no basic auth credentials");
            assertThat(friend.ok().out()).contains("Downloaded newer image");
            assertThat(docker.inspect(reference).getString("Id")).isEqualTo(image.id());
            docker.ok("image", "rm", reference);
        }
    }

    @Test
    void registry_can_lose_a_layer_and_the_pull_fails() {
        DockerCli docker = Engine.shared().cli();
        try (Registry registry = Registry.open()) {
            TestImage image = TestImage.unique(docker, "unique:lost");
            String reference = registry.push(docker, image, "target:lost");
            image.remove(docker);
            List<String> layers = registry.layers("target:lost");

            layers.forEach(registry::deleteBlob);
            Result pull = docker.run("pull", reference);

            assertThat(layers).hasSize(1);
            assertThat(pull.exit()).isNotZero();
            assertThat(pull.err()).contains("unknown blob");
            assertThat(docker.knows(reference)).isFalse();
        }
    }

    @Test
    void registry_comes_back_at_the_same_address() {
        DockerCli docker = Engine.shared().cli();
        try (Registry registry = Registry.open()) {
            TestImage image = TestImage.unique(docker, "unique:back");
            String reference = registry.push(docker, image, "target:back");
            image.remove(docker);

            registry.stop();
            Result refused = docker.run("pull", reference);
            registry.start();

            assertThat(refused.err()).contains("connection refused");
            docker.ok("pull", "--quiet", reference);
            assertThat(registry.log()).contains("/v2/target/manifests/");
            docker.ok("image", "rm", reference);
        }
    }

    @Test
    void events_tell_how_long_after_the_end_of_one_container_another_started() {
        DockerCli docker = Engine.shared().cli();
        String image = TestImage.target(docker).reference();
        try (Events events = Events.of(docker)) {
            String label = "test=" + System.nanoTime();
            docker.run("run", "--rm", "--name", "first-of-two", image, "sh", "-c", "exit 3");
            docker.ok("run", "--rm", "--name", "second-of-two", "--label", label, image);

            Event end = events.awaitDie("first-of-two", SOON);
            Event start = events.awaitLabelled("test", label.substring(5), "start", SOON);

            assertThat(end.attribute("exitCode")).contains("3");
            assertThat(start.after(end)).isBetween(Duration.ZERO, SOON);
            assertThat(start.isOf("second-of-two")).isTrue();
            assertThat(events.count("second-of-two", "start")).isOne();
            assertThat(events.count("nobody", "start")).isZero();
        }
    }

    /** Names and numbers: an interface that is deleted and made again gets a new number. */
    private static String foreignLinks() {
        return Command.run(Command.need("ip"), "-o", "link")
                .ok()
                .out()
                .lines()
                .map(line -> line.split(" ")[0] + " " + line.split(" ")[1])
                .filter(link -> !link.matches("\\d+: (wdbr|br-|veth).*"))
                .collect(Collectors.joining("\n"));
    }

    private static String rules() {
        return Command.find("iptables-save").isEmpty()
                ? ""
                : Command.run(Command.need("iptables-save"))
                        .ok()
                        .out()
                        .lines()
                        .filter(line -> line.startsWith("-"))
                        .collect(Collectors.joining("\n"));
    }
}
