package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.SocketProxy;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Is a containerd that is reached over the network served as one behind a socket is (SPEC §6)? */
@ResourceLock(Containerds.LOCK)
class ContainerdRemoteIT {

    private static final String EC = "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:prime256v1";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path certificates;

    private static TlsFiles files;
    private static TlsFiles others;
    private static Path client;
    private static PrivateContainerd containerd;

    @BeforeAll
    static void make_certificates() throws IOException {
        containerd = Containerds.shared(ContainerdVersion.V2_1);
        containerd.add(ImageArchive.target());
        files = new TlsFiles(certificates.resolve("authority"));
        others = new TlsFiles(certificates.resolve("others"));
        client = files.client("client", EC);
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_6", "V2_1"})
    void whole_handoff_through_a_tcp_proxy(ContainerdVersion version) throws IOException {
        PrivateContainerd engine = Containerds.shared(version);
        engine.add(ImageArchive.target());
        Path output = engine.folder().resolve("io");
        try (SocketProxy proxy = SocketProxy.tcp(engine)) {
            ContainerdHandoff handoff = ContainerdHandoff.run(
                            engine,
                            remote(
                                    (version == ContainerdVersion.V1_6 ? "tcp://" : "http://") + proxy.address(),
                                    "--env",
                                    "CONTAINERD_IO_DIR=" + output),
                            "sh",
                            "-c",
                            "echo the last words >&2; echo said; exit 5")
                    .succeeded();
            String target = handoff.target();
            String waiter = handoff.waiter();

            assertThat(network(handoff, waiter)).isEmpty();
            assertThat(handoff.binds(waiter)).containsExactly(output.resolve(target) + ":/run/target");
            handoff.awaitEnd();

            assertThat(List.of(output.resolve(target), output.resolve(waiter)))
                    .allSatisfy(folder -> assertThat(List.of(folder.resolve("stdout"), folder.resolve("stderr")))
                            .allMatch(Files::isRegularFile));
            assertThat(output.resolve(target).resolve("stdout")).hasContent("said\n");
            assertThat(output.resolve(target).resolve("stderr")).hasContent("the last words\n");
            assertThat(Files.readString(output.resolve(waiter).resolve("stdout")))
                    .contains("The target ended with exit code 5", "the last words", "said", "Exiting with 3");
            handoff.remove();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "tcp"})
    void whole_handoff_through_a_tls_proxy(String scheme) {
        try (SocketProxy proxy = tlsProxy()) {
            ContainerdHandoff handoff = ContainerdHandoff.run(
                            containerd, tls(scheme + "://" + proxy.address(), client), "echo", "well hidden")
                    .succeeded();
            String waiter = handoff.waiter();

            assertThat(handoff.log()).contains("Using containerd at " + scheme + "://" + proxy.address());
            assertThat(network(handoff, waiter)).isEmpty();
            assertThat(handoff.binds(waiter))
                    .containsExactlyInAnyOrder(
                            handoff.outputFolder(handoff.target()) + ":/run/target",
                            client + "/ca.pem:/run/tls/authorities.pem",
                            client + "/cert.pem:/run/tls/certificate.pem",
                            client + "/key.pem:/run/tls/key.pem");
            assertThat(handoff.awaitEnd().output(handoff.target())).isEqualTo("well hidden\n");
            handoff.remove();
        }
    }

    @Test
    void waiter_of_an_action_on_the_bridge_is_on_the_bridge() {
        try (SocketProxy proxy = SocketProxy.tcpForBridge(containerd)) {
            List<String> options = new ArrayList<>(List.of("--volume", "/etc/cni/net.d:/etc/cni/net.d:ro"));
            options.addAll(addressed("tcp://" + proxy.address()));

            ContainerdHandoff handoff = ContainerdHandoff.run(containerd, options, "ip", "address", "show", "eth0")
                    .succeeded();

            assertThat(network(handoff, handoff.waiter())).containsExactly("network");
            handoff.awaitEnd();
            assertThat(handoff.output(handoff.target()))
                    .contains("inet " + containerd.gateway().replaceFirst("\\d+$", ""));
            handoff.remove();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix://", ""})
    void socket_by_its_name(String scheme) {
        ContainerdHandoff handoff = ContainerdHandoff.run(
                        containerd,
                        addressed(scheme + "/c.sock", "--volume", "/run/containerd/containerd.sock:/c.sock"),
                        "true")
                .succeeded();

        assertThat(network(handoff, handoff.waiter())).containsExactly("network");
        assertThat(handoff.binds(handoff.waiter())).contains("/run/containerd/containerd.sock:/run/containerd.sock");
        handoff.awaitEnd().remove();
    }

    @Test
    void proxy_that_is_away_when_the_target_is_due() throws InterruptedException {
        String address;
        ContainerdHandoff handoff;
        try (SocketProxy proxy = SocketProxy.tcp(containerd)) {
            address = proxy.address();
            List<String> options = remote("tcp://" + address);
            options.addAll(List.of("--env", "WAIT_SECONDS=3"));
            handoff = ContainerdHandoff.run(containerd, options, "echo", "late").succeeded();
        }
        String target = handoff.target();
        handoff.await(() -> handoff.waiterLog().contains("Trying again"), "the waiter misses the proxy");
        assertThat(handoff.status(target)).isEqualTo("CREATED");

        try (SocketProxy proxy = SocketProxy.tcp(containerd, address)) {
            handoff.awaitEnd();
            assertThat(handoff.output(target)).isEqualTo("late\n");
            assertThat(proxy.address()).isEqualTo(address);
        }
        handoff.remove();
    }

    @Test
    void containerd_that_does_not_run_this_container() {
        PrivateContainerd other = Containerds.shared(ContainerdVersion.V1_7);
        try (SocketProxy proxy = SocketProxy.tcp(other)) {
            ContainerdHandoff handoff = ContainerdHandoff.run(containerd, remote("tcp://" + proxy.address()), "true");

            assertThat(refusal(handoff, 1))
                    .contains("containerd at tcp://" + proxy.address() + ": answers but does not run this container")
                    .contains("A remote engine has to run this container too", "`waitdaemon run`");
        }
    }

    @Test
    void listener_of_containerds_own() {
        int port = Integer.parseInt(freeAddress().replaceFirst(".*:", ""));
        try (PrivateContainerd own = PrivateContainerd.create(ContainerdVersion.V2_1)
                .configure("tcp", "[grpc]\n  tcp_address = \"127.0.0.1:" + port + "\"\n")
                .start()) {
            ContainerdHandoff handoff = ContainerdHandoff.run(own, remote("tcp://127.0.0.1:" + port), "true");

            assertThat(refusal(handoff, 12))
                    .contains("own TCP listener serves CRI only", "socat, ssh -L or a TLS proxy");
        }
    }

    @Test
    void authority_that_did_not_issue_the_certificate() throws IOException {
        Path distrustful = copyOf(client, "distrustful");
        Files.copy(
                certificates.resolve("others/ca.pem"),
                distrustful.resolve("ca.pem"),
                StandardCopyOption.REPLACE_EXISTING);

        try (SocketProxy proxy = tlsProxy()) {
            assertThat(refusal(tls(proxy, distrustful), 12))
                    .contains("cannot reach containerd at https://" + proxy.address(), "trust anchors");
        }
    }

    @Test
    void client_without_a_certificate() {
        try (SocketProxy proxy = tlsProxy()) {
            List<String> options = remote(
                    "https://" + proxy.address(),
                    "--volume",
                    client + ":/certs:ro",
                    "--env",
                    "CONTAINERD_TLS_CA=/certs/ca.pem");

            assertThat(refusal(ContainerdHandoff.run(containerd, options, "true"), 12))
                    .contains("cannot reach containerd at https://" + proxy.address(), "CONTAINERD_TLS_CERT");
        }
    }

    @Test
    void client_of_another_authority() throws IOException {
        Path stranger = others.client("stranger" + NUMBER.incrementAndGet(), EC);
        Files.copy(client.resolve("ca.pem"), stranger.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);

        try (SocketProxy proxy = tlsProxy()) {
            assertThat(refusal(tls(proxy, stranger), 12))
                    .contains("cannot reach containerd at https://" + proxy.address(), "CONTAINERD_TLS_CERT");
        }
    }

    @Test
    void key_that_does_not_belong_to_the_certificate() throws IOException {
        Path mixed = copyOf(client, "mixed");
        Files.copy(
                files.client("another", EC).resolve("key.pem"),
                mixed.resolve("key.pem"),
                StandardCopyOption.REPLACE_EXISTING);

        try (SocketProxy proxy = tlsProxy()) {
            assertThat(refusal(tls(proxy, mixed), 12))
                    .contains("CONTAINERD_TLS_CA, …_CERT, …_KEY", "does not belong to the certificate");
        }
    }

    @Test
    void key_that_cannot_be_read() throws IOException {
        Path damaged = copyOf(client, "damaged");
        Files.writeString(
                damaged.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\nAAAAA\n-----END PRIVATE KEY-----\n");

        try (SocketProxy proxy = tlsProxy()) {
            assertThat(refusal(tls(proxy, damaged), 12)).contains("CONTAINERD_TLS_CA, …_CERT, …_KEY", "key.pem");
        }
    }

    /** An overlay instead of a bind: the files are there, and nobody can say where they come from. */
    @Test
    void tls_files_that_came_in_by_no_mount() throws IOException {
        Path empty = Files.createDirectories(certificates.resolve("empty"));
        Path patch = Files.writeString(certificates.resolve("patch.json"), """
                {"mounts": [
                  {"destination": "/proc", "type": "proc", "source": "proc"},
                  {"destination": "/sys", "type": "sysfs", "source": "sysfs"},
                  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
                  {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]},
                  {"destination": "/certs", "type": "overlay", "source": "overlay",
                   "options": ["ro", "lowerdir=%s:%s"]}
                ]}
                """.formatted(client, empty));

        try (SocketProxy proxy = tlsProxy()) {
            List<String> options = remote("https://" + proxy.address(), "--spec-patch", patch.toString());
            options.addAll(tlsVariables());
            ContainerdHandoff handoff = ContainerdHandoff.run(containerd, options, "true");

            assertThat(refusal(handoff, 1)).contains("\"/certs/ca.pem\" came in by no mount", "volumes:");
        }
    }

    private static SocketProxy tlsProxy() {
        Path authority = certificates.resolve("authority");
        return SocketProxy.tls(
                containerd,
                authority.resolve("engine.pem"),
                authority.resolve("engine-key.pem"),
                authority.resolve("ca.pem"));
    }

    private static ContainerdHandoff tls(SocketProxy proxy, Path files) {
        return ContainerdHandoff.run(containerd, tls("https://" + proxy.address(), files), "true");
    }

    private static List<String> tls(String address, Path files) {
        List<String> options = remote(address, "--volume", files + ":/certs:ro");
        options.addAll(tlsVariables());
        return options;
    }

    private static List<String> tlsVariables() {
        return List.of(
                "--env",
                "CONTAINERD_TLS_CA=/certs/ca.pem",
                "--env",
                "CONTAINERD_TLS_CERT=/certs/cert.pem",
                "--env",
                "CONTAINERD_TLS_KEY=/certs/key.pem");
    }

    private static List<String> remote(String address, String... further) {
        List<String> options = addressed(address, further);
        options.addAll(List.of("--network", "host"));
        return options;
    }

    private static List<String> addressed(String address, String... further) {
        List<String> options = new ArrayList<>(List.of(
                "--env",
                "WAIT_SECONDS=0",
                "--env",
                "CONTAINER_RUNTIME=containerd",
                "--env",
                "CONTAINERD_ADDRESS=" + address));
        options.addAll(List.of(further));
        return options;
    }

    private static Path copyOf(Path folder, String name) throws IOException {
        Path copy = Files.createDirectories(certificates.resolve(name));
        for (String file : List.of("ca.pem", "cert.pem", "key.pem")) {
            Files.copy(folder.resolve(file), copy.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        return copy;
    }

    private static String freeAddress() {
        try (SocketProxy proxy = SocketProxy.tcp(containerd)) {
            return proxy.address();
        }
    }

    /** The container's network namespace; none when it has the host's network. */
    private static List<String> network(ContainerdHandoff handoff, String container) {
        return handoff
                .inspect(container)
                .getJsonObject("Spec")
                .getJsonObject("linux")
                .getJsonArray("namespaces")
                .getValuesAs(JsonObject.class)
                .stream()
                .map(namespace -> namespace.getString("type"))
                .filter("network"::equals)
                .toList();
    }

    private static String refusal(ContainerdHandoff handoff, int exit) {
        assertThat(handoff.action().exit()).as(handoff.action().output()).isEqualTo(exit);
        LogLine line = LogLine.error(handoff.log());
        assertThat(line.message()).doesNotContain("\n", "Exception:");
        assertThat(line.json()).doesNotContainKeys("exception", "stackTrace");
        assertThat(handoff.made("target")).isEmpty();
        handoff.forgetAction();
        return line.message();
    }
}
