package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.PublishedImage;
import io.waitdaemon.engine.Registry;
import io.waitdaemon.engine.RegistryFront;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Where does the target's image come from, when nerdctl has to ask a registry, and what does it say meanwhile? A registry on
 * the machine itself is one that nerdctl takes for one without TLS.
 */
@ResourceLock(Containerds.LOCK)
class NerdctlPullIT {

    private static final String USER = "operator";
    private static final String PASSWORD = "s3cret with blank";
    private static final int MEGABYTE = 1_000_000;

    private static Registry registry;
    private static Registry guarded;

    @BeforeAll
    static void open_registries() {
        Containerds.require();
        registry = Registry.open();
        guarded = Registry.withLogin(USER, PASSWORD);
    }

    @AfterAll
    static void close() {
        registry.close();
        guarded.close();
    }

    /** The host's nerdctl is 2.2, the one in the image 2.3. */
    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL", "HOST_NERDCTL"})
    void image_that_is_not_there_is_pulled_with_the_credentials_given_and_none_of_them_shows(ContainerdRoute route) {
        PublishedImage image =
                PublishedImage.of(guarded, "team/secret-" + route.name().toLowerCase(java.util.Locale.ROOT) + ":1");

        ComparedHandoff handoff = act(
                route,
                guarded.address() + "/" + image.name(),
                List.of(
                        "--env",
                        "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                        "--env",
                        "WAITDAEMON_REGISTRY_PASSWORD=" + PASSWORD));
        try {
            assertThat(handoff.succeeded().log())
                    .contains("Pulling ", "Pulled ")
                    .doesNotContain(PASSWORD);
            assertThat(handoff.outputOfTarget()).isNotBlank();
            assertThat(handoff.target().toString() + handoff.waiter()).doesNotContain(PASSWORD);
        } finally {
            handoff.clear();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL", "HOST_NERDCTL"})
    void definite_answers_of_a_registry_fail_the_action_at_once(ContainerdRoute route) {
        PublishedImage.of(guarded, "team/locked:1");
        PublishedImage.of(registry, "team/known:1");

        assertFailsAtOnce(act(route, guarded.address() + "/team/locked:1", List.of()), "WAITDAEMON_REGISTRY_USERNAME");
        assertFailsAtOnce(
                act(
                        route,
                        guarded.address() + "/team/locked:1",
                        List.of(
                                "--env",
                                "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                                "--env",
                                "WAITDAEMON_REGISTRY_PASSWORD=not the password")),
                "401 Unauthorized");
        assertFailsAtOnce(act(route, registry.address() + "/team/known:unknown", List.of()), "not found");
        assertFailsAtOnce(act(route, "registry.invalid/team/target:1", List.of()), "no such host");
    }

    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL", "HOST_NERDCTL"})
    void progress_of_a_slow_pull_is_in_the_log(ContainerdRoute route) {
        String name = "team/big-" + route.name().toLowerCase(java.util.Locale.ROOT) + ":1";
        PublishedImage big = PublishedImage.of(registry, name, "amd64", 16 * MEGABYTE);
        try (RegistryFront slow = RegistryFront.slow(registry, 2 * MEGABYTE, null, null)) {
            ComparedHandoff handoff = act(route, slow.address() + "/" + big.name(), List.of());
            try {
                assertThat(handoff.succeeded().log())
                        .containsPattern("Pulling .*/" + name + "[^ ]*: [0-9.]+ ?[KM]iB in [0-9.]+ s");
                handoff.outputOfTarget();
            } finally {
                handoff.clear();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL"})
    void configuration_of_docker_that_is_mounted_is_heeded(ContainerdRoute route) throws Exception {
        PublishedImage image = PublishedImage.of(guarded, "team/config:1");
        Path folder =
                Files.createDirectories(Containerds.sharedMachine().folder().resolve("docker-config"));
        String pair = java.util.Base64.getEncoder()
                .encodeToString((USER + ":" + PASSWORD).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(guarded.address(), pair));

        ComparedHandoff handoff =
                act(route, guarded.address() + "/" + image.name(), List.of("--volume", folder + ":/root/.docker:ro"));
        try {
            handoff.succeeded().outputOfTarget();
        } finally {
            handoff.clear();
        }
    }

    private static void assertFailsAtOnce(ComparedHandoff handoff, String reason) {
        try {
            assertThat(handoff.exit()).as(handoff.log()).isEqualTo(1);
            assertThat(handoff.log())
                    .contains("Cannot pull the image", reason)
                    .doesNotContain("Trying again", "not the password");
            assertThat(handoff.made("target")).isEmpty();
        } finally {
            handoff.clear();
        }
    }

    private static ComparedHandoff act(ContainerdRoute route, String image, List<String> further) {
        List<String> options = new ArrayList<>(route.options(Containerds.sharedMachine(), true));
        options.addAll(Stream.concat(
                        Stream.of("--network", "host", "--env", "WAIT_SECONDS=0", "--env", "IMAGE=" + image),
                        further.stream())
                .toList());
        return ComparedHandoff.ofAgent(Containerds.sharedMachine(), route, options, "cat", "/etc/marker");
    }
}
