package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import io.waitdaemon.engine.PublishedImage;
import io.waitdaemon.engine.Registry;
import io.waitdaemon.engine.RegistryFront;
import io.waitdaemon.it.ContainerdHandoffs.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Where does the target's image come from, when containerd itself has to ask a registry? 2.1 does so by the hosts.toml
 * files of its machine: here a registry without TLS is one of those. 1.7 knows neither such files nor a registry without
 * TLS, so there the same registry is behind TLS, by an authority that the machine trusts.
 */
@ResourceLock(Containerds.LOCK)
class ContainerdPullIT {

    private static final String USER = "operator";
    private static final String PASSWORD = "s3cret with blank";
    private static final int MEGABYTE = 1_000_000;

    @TempDir
    static Path folder;

    private static Registry registry;
    private static Registry guarded;
    private static TlsFiles tls;
    private static final Map<ContainerdVersion, Place> PLACES = new EnumMap<>(ContainerdVersion.class);

    /** A containerd with the addresses by which it reaches the two registries. */
    private record Place(ContainerdHandoffs handoffs, String open, String guarded) {

        PrivateContainerd containerd() {
            return handoffs.containerd();
        }
    }

    @BeforeAll
    static void open_registries() throws IOException {
        Containerds.require();
        registry = Registry.open();
        guarded = Registry.withLogin(USER, PASSWORD);
        tls = new TlsFiles(folder.resolve("tls"));
    }

    @AfterAll
    static void close() {
        PLACES.values().forEach(place -> place.containerd().close());
        registry.close();
        guarded.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void image_that_is_not_there_is_pulled_unpacked_and_run(ContainerdVersion version) {
        Place place = place(version);
        PublishedImage image = PublishedImage.of(registry, "team/target:1");

        Action action = act(place, place.open() + "/" + image.name(), List.of(), "cat", "/etc/marker")
                .succeeded();

        assertThat(action.log())
                .contains("Pulling \\\"" + place.open(), "Pulled \\\"" + place.open() + "/team/target:1");
        assertThat(action.targetEnded()).isZero();
        assertThat(action.logs(action.target())).hasSizeGreaterThan(30);
        assertThat(place.containerd()
                        .ctr("snapshots", "info", image.chainId())
                        .ok()
                        .out())
                .contains("\"Kind\": \"Committed\"");
        assertThat(place.containerd().inventory().leases()).isEmpty();
        action.clear();
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void credentials_come_from_the_environment_or_from_dockers_config_and_are_shown_nowhere(
            ContainerdVersion version, @TempDir Path config) throws IOException {
        Place place = place(version);
        String image = place.guarded() + "/"
                + PublishedImage.of(guarded, "team/guarded:1").name();
        guarded.writeLogin(config);
        Path json = config.resolve("config.json");
        Files.writeString(json, Files.readString(json).replace(guarded.address(), place.guarded()));

        Action byEnvironment = act(
                        place,
                        image,
                        List.of(
                                "--env",
                                "WAITDAEMON_PULL_POLICY=always",
                                "--env",
                                "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                                "--env",
                                "WAITDAEMON_REGISTRY_PASSWORD=" + PASSWORD),
                        "true")
                .succeeded();
        Action byConfig = act(
                        place,
                        image,
                        List.of(
                                "--env",
                                "WAITDAEMON_PULL_POLICY=always",
                                "--env",
                                "DOCKER_CONFIG=/login",
                                "--volume",
                                config + ":/login:ro"),
                        "true")
                .succeeded();

        assertThat(byEnvironment.log() + byConfig.log()).contains("Pulled").doesNotContain(PASSWORD);
        for (Action action : List.of(byEnvironment, byConfig)) {
            assertThat(action.targetEnded()).isZero();
            for (String container : List.of(action.target(), action.waiter())) {
                String shown = place.containerd()
                                .ctr("containers", "info", container)
                                .ok()
                                .out()
                        + place.containerd().nerdctl("inspect", container).ok().out()
                        + action.logs(container);
                assertThat(shown).doesNotContain(PASSWORD, "WAITDAEMON_REGISTRY", USER + ":");
            }
            action.clear();
        }
        assertThat(place.containerd().log()).doesNotContain(PASSWORD);
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void wrong_and_missing_credentials_fail_at_once(ContainerdVersion version) {
        Place place = place(version);
        String image = place.guarded() + "/team/secret:1";

        Action none = act(place, image, List.of(), "true");
        Action wrong = act(
                place,
                image,
                List.of(
                        "--env",
                        "WAITDAEMON_REGISTRY_USERNAME=" + USER,
                        "--env",
                        "WAITDAEMON_REGISTRY_PASSWORD=not the password"),
                "true");

        assertThat(failure(none)).contains("Cannot pull the image", "WAITDAEMON_REGISTRY_USERNAME");
        assertThat(failure(wrong)).contains("401 Unauthorized").doesNotContain("not the password");
        assertThat(none.log() + wrong.log()).doesNotContain("Trying again");
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void unknown_tag_repository_and_host_fail_at_once_and_leave_nothing(ContainerdVersion version) {
        Place place = place(version);
        PublishedImage.of(registry, "team/known:1");
        Inventory before = place.containerd().inventory();

        Action tag = act(place, place.open() + "/team/known:unknown", List.of(), "true");
        Action repository = act(place, place.open() + "/nobody/nothing:1", List.of(), "true");
        Action host = act(place, "registry.invalid/team/target:1", List.of(), "true");

        assertThat(failure(tag)).contains("/team/known:unknown", "not found");
        assertThat(failure(repository)).contains("/nobody/nothing:1", "not found");
        assertThat(failure(host)).contains("registry.invalid", "no such host");
        assertThat(tag.log() + repository.log() + host.log()).doesNotContain("Trying again");
        assertThat(place.containerd().inventory()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void image_for_other_platforms_only_fails_at_once(ContainerdVersion version) {
        Place place = place(version);
        PublishedImage plain = PublishedImage.of(registry, "team/mainframe:1", "s390x", 0);
        PublishedImage indexed = plain.indexed(registry, "s390x");

        Action one = act(place, place.open() + "/" + plain.name(), List.of(), "true");
        Action two = act(place, place.open() + "/" + indexed.name(), List.of(), "true");

        assertThat(failure(one)).contains("platform");
        assertThat(failure(two)).contains("platform");
        assertThat(one.log() + two.log()).doesNotContain("Trying again");
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void registry_that_comes_back_during_the_retries_is_in_time(ContainerdVersion version) {
        Place place = place(version);
        String image =
                place.open() + "/" + PublishedImage.of(registry, "late:1").name();
        registry.stop();
        ContainerdHandoffs.Begun begun = place.handoffs()
                .begin(
                        ContainerdHandoffs.with(ContainerdHandoffs.HOST_NETWORK, List.of("--env", "IMAGE=" + image)),
                        "true")
                .awaitLog("Trying again");

        registry.start();

        Action action = begun.ended().succeeded();
        assertThat(action.targetEnded()).isZero();
        action.clear();
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void progress_of_a_slow_pull_is_in_the_log(ContainerdVersion version) {
        Place place = place(version);
        PublishedImage big = PublishedImage.of(registry, "team/big:1", "amd64", 16 * MEGABYTE);
        try (RegistryFront slow = version == ContainerdVersion.V1_7
                ? RegistryFront.slow(registry, 2 * MEGABYTE, tls.certificate(), tls.key())
                : RegistryFront.slow(registry, 2 * MEGABYTE, null, null)) {
            plain(place.containerd(), slow.address());

            Action action = act(place, slow.address() + "/" + big.name(), List.of(), "true")
                    .succeeded();

            assertThat(LogLine.of(action.log()))
                    .extracting(LogLine::message)
                    .filteredOn(message -> message.matches("Pulling \".*/team/big:1\": [0-9.]+ of 1[0-9.]+ MB\\."))
                    .isNotEmpty();
            action.targetEnded();
            action.clear();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void policy_decides_whether_a_present_image_is_asked_for_again(ContainerdVersion version) {
        Place place = place(version);
        String name = "moving-" + version.name().toLowerCase(java.util.Locale.ROOT) + ":1";
        String image = place.open() + "/" + name;
        PublishedImage old = PublishedImage.of(registry, name);
        Action first = act(place, image, List.of(), "true").succeeded();
        PublishedImage newer = PublishedImage.of(registry, name);

        Action missing = act(place, image, List.of(), "true").succeeded();
        Action never = act(place, image, List.of("--env", "WAITDAEMON_PULL_POLICY=never"), "true")
                .succeeded();
        Action always = act(place, image, List.of("--env", "WAITDAEMON_PULL_POLICY=always"), "true")
                .succeeded();
        Action absent =
                act(place, place.open() + "/team/never:1", List.of("--env", "WAITDAEMON_PULL_POLICY=never"), "true");

        assertThat(parent(place, first)).isEqualTo(old.chainId());
        assertThat(parent(place, missing)).isEqualTo(old.chainId());
        assertThat(parent(place, never)).isEqualTo(old.chainId());
        assertThat(parent(place, always)).isEqualTo(newer.chainId());
        assertThat(failure(absent)).contains("is not present and WAITDAEMON_PULL_POLICY is never");
        assertThat(registry.log()).doesNotContain("team/never");
        List.of(first, missing, never, always).forEach(Action::clear);
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_7", "V2_1"})
    void image_is_named_by_digest_by_tag_and_digest_or_by_id(ContainerdVersion version) {
        Place place = place(version);
        String suffix = version.name().toLowerCase(java.util.Locale.ROOT);
        PublishedImage one = PublishedImage.of(registry, "digest-" + suffix + ":1");
        PublishedImage two =
                PublishedImage.of(registry, "both-" + suffix + ":1").indexed(registry, "amd64");
        String repository = place.open() + "/digest-" + suffix;

        Action digest =
                act(place, repository + "@" + one.digest(), List.of(), "true").succeeded();
        Action both = act(place, place.open() + "/" + two.name() + "@" + two.digest(), List.of(), "true")
                .succeeded();
        Action id = act(place, one.id(), List.of(), "true");
        Action byDigest = act(place, one.digest(), List.of("--env", "WAITDAEMON_PULL_POLICY=always"), "true");
        Action unknown = act(place, repository + "@sha256:" + "0".repeat(64), List.of(), "true");

        assertThat(parent(place, digest)).isEqualTo(one.chainId());
        assertThat(parent(place, both)).isEqualTo(two.chainId());
        assertThat(parent(place, byDigest.succeeded())).isEqualTo(one.chainId());
        assertThat(parent(place, id.succeeded())).isEqualTo(one.chainId());
        assertThat(failure(unknown)).contains("sha256:0000");
        List.of(digest, both, id, byDigest).forEach(Action::clear);
    }

    @Test
    void registry_with_a_certificate_of_an_own_authority_is_reached_by_hosts_toml() throws IOException {
        Place place = place(ContainerdVersion.V2_1);
        PublishedImage image = PublishedImage.of(registry, "team/tls:1");
        TlsFiles others = new TlsFiles(folder.resolve("others"));
        String host = place.containerd().gateway();
        TlsFiles tls = new TlsFiles(folder.resolve("gateway"), host);
        try (RegistryFront front = RegistryFront.tls(registry, host, tls.certificate(), tls.key())) {
            trust(place, front, others.authority());
            Action untrusted = act(place, front.address() + "/" + image.name(), List.of(), "true");
            trust(place, front, tls.authority());

            Action trusted = act(place, front.address() + "/" + image.name(), List.of(), "true");

            assertThat(failure(untrusted)).contains("x509");
            assertThat(untrusted.log()).doesNotContain("Trying again");
            assertThat(trusted.succeeded().targetEnded()).isZero();
            trusted.clear();
        }
    }

    @Test
    void registry_without_tls_cannot_be_reached_by_1_7_which_is_said_at_once() {
        Place place = place(ContainerdVersion.V1_7);
        PublishedImage image = PublishedImage.of(registry, "team/plain:1");

        Action action = act(place, registry.address() + "/" + image.name(), List.of(), "true");

        assertThat(failure(action)).contains("server gave HTTP response to HTTPS client");
        assertThat(action.log()).doesNotContain("Trying again");
    }

    @Test
    void containerd_1_6_cannot_pull_which_is_said_at_once_and_runs_what_is_there() {
        Place place = new Place(new ContainerdHandoffs(Containerds.shared(ContainerdVersion.V1_6)), "", "");
        Inventory before = place.containerd().inventory();

        Action absent = act(place, registry.address() + "/team/target:1", List.of(), "true");
        assertThat(failure(absent)).contains("this containerd is older than 1.7 and cannot pull by itself");
        assertThat(absent.log()).doesNotContain("Trying again");
        assertThat(place.containerd().inventory()).isEqualTo(before);
        Action present = act(place, "target", List.of(), "true").succeeded();

        assertThat(present.targetEnded()).isZero();
        present.clear();
    }

    private static synchronized Place place(ContainerdVersion version) {
        return PLACES.computeIfAbsent(version, ContainerdPullIT::newPlace);
    }

    private static Place newPlace(ContainerdVersion version) {
        PrivateContainerd containerd = PrivateContainerd.create(version);
        if (version == ContainerdVersion.V1_7) {
            containerd.setting("SSL_CERT_FILE", tls.authority().toString()).start();
            return new Place(
                    new ContainerdHandoffs(containerd),
                    RegistryFront.tls(registry, tls.certificate(), tls.key()).address(),
                    RegistryFront.tls(guarded, tls.certificate(), tls.key()).address());
        }
        plain(containerd, registry.address());
        plain(containerd, guarded.address());
        containerd.start();
        return new Place(new ContainerdHandoffs(containerd), registry.address(), guarded.address());
    }

    private static void trust(Place place, RegistryFront front, Path authority) {
        place.containerd()
                .write(
                        "/etc/containerd/certs.d/" + front.address() + "/hosts.toml",
                        "[host.\"https://" + front.address() + "\"]\n  ca = \"" + authority + "\"\n");
    }

    private static void plain(PrivateContainerd containerd, String address) {
        containerd.write("/etc/containerd/certs.d/" + address + "/hosts.toml", "[host.\"http://" + address + "\"]\n");
    }

    private static Action act(Place place, String image, List<String> options, String... command) {
        List<String> all = new ArrayList<>(List.of("--env", "IMAGE=" + image));
        all.addAll(options);
        return place.handoffs().run(all, command);
    }

    private static String parent(Place place, Action action) {
        String info = place.containerd()
                .ctr("snapshots", "info", action.target())
                .ok()
                .out();
        return info.replaceAll("(?s).*\"Parent\": \"([^\"]*)\".*", "$1");
    }

    /** The one error, of an action that failed and left nothing. */
    private static String failure(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(1);
        assertThat(action.made("target")).isEmpty();
        assertThat(action.made("waiter")).isEmpty();
        action.clear();
        return LogLine.error(action.log()).message();
    }
}
