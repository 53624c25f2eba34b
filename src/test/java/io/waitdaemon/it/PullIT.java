package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Registry;
import io.waitdaemon.engine.TestImage;
import io.waitdaemon.it.Agent.Action;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Where does the target's image come from, and what becomes of an action whose image cannot be had (SPEC §4.4)? */
@ResourceLock(Engine.LOCK)
class PullIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String USER = "operator";
    private static final String PASSWORD = "s3cret with blank";

    private static Registry registry;
    private static Registry guarded;
    private static Published image;
    private static Published guardedImage;

    private final Agent agent = new Agent(Engine.shared());

    /** An image that a registry has and the engine, at first, has not. */
    private record Published(String reference, String id) {}

    @BeforeAll
    static void publish() {
        DockerCli docker = Engine.shared().cli();
        registry = Registry.open();
        guarded = Registry.withLogin(USER, PASSWORD);
        image = publish(docker, registry, "team/target:1");
        guardedImage = publish(docker, guarded, "team/guarded:1");
    }

    @AfterAll
    static void close() {
        registry.close();
        guarded.close();
    }

    @Test
    void image_that_is_not_there_is_pulled_and_run() {
        try (Events events = Events.of(agent.docker())) {
            Action action = act(image.reference()).succeeded();

            assertThat(action.log()).contains("Pulling \\\"" + image.reference(), "Pulled \\\"" + image.reference());
            assertThat(imageOf(action.target())).isEqualTo(image.id());
            assertThat(events.awaitDie(action.target(), SOON).attribute("exitCode"))
                    .contains("0");
        }
    }

    @Test
    void policy_decides_whether_a_present_image_is_asked_for_again() {
        DockerCli docker = agent.docker();
        Published old = publish(docker, registry, "moving:1");
        docker.ok("pull", "--quiet", old.reference());
        TestImage newer = TestImage.unique(docker, "unique:newer");
        docker.ok("tag", old.id(), "kept:old");
        registry.push(docker, newer, "moving:1");
        docker.ok("tag", old.id(), old.reference());

        Action missing = act(old.reference()).succeeded();
        Action never =
                act(old.reference(), "--env", "WAITDAEMON_PULL_POLICY=never").succeeded();
        Action always =
                act(old.reference(), "--env", "WAITDAEMON_PULL_POLICY=always").succeeded();

        assertThat(imageOf(missing.target())).isEqualTo(old.id());
        assertThat(imageOf(never.target())).isEqualTo(old.id());
        assertThat(imageOf(always.target())).isEqualTo(newer.id());
    }

    @Test
    void policy_never_does_not_ask_the_registry() {
        Action action = act(registry.address() + "/team/never:1", "--env", "WAITDAEMON_PULL_POLICY=never");

        assertThat(failure(action)).contains("is not present and WAITDAEMON_PULL_POLICY is never");
        assertThat(registry.log()).doesNotContain("team/never");
    }

    @Test
    void unknown_tag_and_unknown_repository_fail_at_once_in_the_registrys_words() {
        Action tag = act(registry.address() + "/team/target:unknown", "--env", "CONTAINER_RUNTIME=docker");
        Action repository = act(registry.address() + "/nobody/nothing:1");

        assertThat(failure(tag))
                .contains("Cannot pull the image", "/team/target:unknown", "manifest unknown")
                .contains("Check IMAGE, that the engine reaches the registry " + registry.address());
        assertThat(failure(repository)).contains("/nobody/nothing:1", "unknown");
        assertThat(tag.log() + repository.log()).doesNotContain("Trying again");
    }

    @Test
    void host_that_does_not_exist_fails_at_once() {
        Action action = act("registry.invalid/team/target:1");

        assertThat(failure(action)).contains("registry.invalid", "no such host");
        assertThat(action.log()).doesNotContain("Trying again");
    }

    @Test
    void wrong_and_missing_credentials_fail_at_once() {
        Action none = act(guardedImage.reference() + "0");
        Action wrong = act(
                guardedImage.reference(),
                "--env",
                "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                "--env",
                "WAITDAEMON_REGISTRY_PASSWORD=not the password");

        assertThat(failure(none)).contains("no basic auth credentials", "WAITDAEMON_REGISTRY_USERNAME");
        assertThat(failure(wrong)).contains("unauthorized").doesNotContain("not the password");
        assertThat(none.log() + wrong.log()).doesNotContain("Trying again");
    }

    @Test
    void right_credentials_come_from_the_environment_or_from_dockers_config(@TempDir Path config) {
        guarded.writeLogin(config);

        Action byEnvironment = act(
                        guardedImage.reference(),
                        "--env",
                        "WAITDAEMON_PULL_POLICY=always",
                        "--env",
                        "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                        "--env",
                        "WAITDAEMON_REGISTRY_PASSWORD=" + PASSWORD)
                .succeeded();
        Action byConfig = act(
                        guardedImage.reference(),
                        "--env",
                        "WAITDAEMON_PULL_POLICY=always",
                        "--env",
                        "DOCKER_CONFIG=/login",
                        "--volume",
                        config + ":/login:ro")
                .succeeded();

        assertThat(imageOf(byEnvironment.target())).isEqualTo(guardedImage.id());
        assertThat(imageOf(byConfig.target())).isEqualTo(guardedImage.id());
    }

    @Test
    void registry_that_is_away_is_asked_again_before_the_action_fails() {
        try (Registry away = Registry.open()) {
            away.stop();

            Action action = act(away.address() + "/team/target:1");

            assertThat(failure(action)).contains("Cannot pull the image", "connection refused");
            assertThat(LogLine.of(action.log()))
                    .filteredOn(line -> line.message().contains("Trying again in"))
                    .extracting(LogLine::level)
                    .hasSizeGreaterThanOrEqualTo(3)
                    .containsOnly("WARN");
        }
    }

    @Test
    void registry_that_comes_back_during_the_retries_is_in_time() {
        try (Registry back = Registry.open()) {
            Published late = publish(agent.docker(), back, "late:1");
            back.stop();
            ActionInProgress action = ActionInProgress.create(
                            agent, Agent.newName("pull"), options(late.reference()), "true")
                    .start()
                    .awaitLog("Trying again", SOON);

            back.start();

            assertThat(imageOf(action.end().succeeded().target())).isEqualTo(late.id());
        }
    }

    @Test
    void layer_that_the_registry_has_lost_fails_the_action_although_the_pull_began_well() {
        Published broken = publish(agent.docker(), registry, "broken:1");
        registry.layers("broken:1").forEach(registry::deleteBlob);

        Action action = act(broken.reference());

        assertThat(failure(action)).contains("/broken:1", "unknown blob");
        assertThat(agent.docker().knows(broken.reference())).isFalse();
    }

    @Test
    void digest_selects_the_image_with_and_without_a_tag() {
        DockerCli docker = agent.docker();
        Published published = publish(docker, registry, "digest:1");
        docker.ok("pull", "--quiet", published.reference());
        String byDigest =
                docker.inspect(published.id()).getJsonArray("RepoDigests").getString(0);
        docker.ok("image", "rm", published.reference());

        Action digest = act(byDigest).succeeded();
        Action both = act(byDigest.replace("@", ":1@")).succeeded();
        Action unknown = act(registry.address() + "/digest@sha256:" + "0".repeat(64));

        assertThat(imageOf(digest.target())).isEqualTo(published.id());
        assertThat(imageOf(both.target())).isEqualTo(published.id());
        assertThat(failure(unknown)).contains("sha256:0000");
    }

    @Test
    void digest_with_a_tag_is_pulled() {
        DockerCli docker = agent.docker();
        Published published = publish(docker, registry, "both:1");
        docker.ok("pull", "--quiet", published.reference());
        String byDigest =
                docker.inspect(published.id()).getJsonArray("RepoDigests").getString(0);
        docker.ok("image", "rm", published.reference());

        Action action = act(byDigest.replace("@", ":1@")).succeeded();

        assertThat(imageOf(action.target())).isEqualTo(published.id());
    }

    @Test
    void image_id_is_run_when_present_and_never_pulled() {
        TestImage local = TestImage.target(agent.docker());

        Action present =
                act(local.id(), "--env", "WAITDAEMON_PULL_POLICY=always").succeeded();
        Action absent = act("sha256:" + "0".repeat(64));

        assertThat(imageOf(present.target())).isEqualTo(local.id());
        assertThat(failure(absent)).contains("an image id cannot be pulled");
    }

    private Action act(String reference, String... options) {
        return agent.runBare(Agent.newName("pull"), options(reference, options), "true");
    }

    private List<String> options(String reference, String... options) {
        List<String> all = new ArrayList<>(agent.socket());
        all.addAll(List.of("--env", "IMAGE=" + reference, "--env", "WAIT_SECONDS=0"));
        all.addAll(List.of(options));
        return all;
    }

    private String imageOf(String container) {
        return agent.docker().inspect(container).getString("Image");
    }

    /** The one error, of an action that failed and left nothing. */
    private static String failure(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(1);
        assertThat(action.made("target")).isEmpty();
        assertThat(action.made("waiter")).isEmpty();
        return LogLine.error(action.log()).message();
    }

    private static Published publish(DockerCli docker, Registry to, String nameAndTag) {
        TestImage unique = TestImage.unique(docker, "unique:" + nameAndTag.replaceAll("[/:]", "-"));
        String reference = to.push(docker, unique, nameAndTag);
        unique.remove(docker);
        return new Published(reference, unique.id());
    }
}
