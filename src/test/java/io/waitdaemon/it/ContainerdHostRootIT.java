package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Does an action reach its containerd without any mount, and what does an operator see whose CONTAINERD_ADDRESS leads
 * nowhere? Each containerd here has a mount namespace of its own, as a service of LinuxKit has.
 */
@ResourceLock(Engine.LOCK)
@ResourceLock(Containerds.LOCK)
class ContainerdHostRootIT {

    private static final Duration ALL_PROBES = Duration.ofSeconds(10);

    /** {@code sun_path} of unix(7), less the terminating zero. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private static final String SOCKET = "/run/containerd/containerd.sock";

    private static final List<String> CONTAINERD = List.of("--env", "CONTAINER_RUNTIME=containerd");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PrivateContainerd containerd = Containerds.shared(ContainerdVersion.V2_1);
    private Path folder;

    @BeforeEach
    void make_a_folder() throws IOException {
        containerd.add(ImageArchive.target());
        folder = Files.createDirectories(containerd.folder().resolve("host-root-" + NUMBER.incrementAndGet()));
    }

    @ParameterizedTest
    @EnumSource
    void target_starts_without_any_mount(ContainerdVersion version) {
        PrivateContainerd engine = Containerds.shared(version);
        engine.add(ImageArchive.target());

        ContainerdHandoff handoff = ContainerdHandoff.run(
                        engine, hostRoot("CONTAINER_RUNTIME=containerd"), "echo", "no mount at all")
                .succeeded();

        assertThat(handoff.log())
                .contains("Using containerd at unix:///proc/" + engine.pid() + "/root" + SOCKET)
                .doesNotContain("no answer");
        String output = handoff.outputFolder(handoff.target());
        assertThat(handoff.binds(handoff.waiter()))
                .containsExactlyInAnyOrder(SOCKET + ":/run/containerd.sock", output + ":/run/target");
        assertThat(handoff.binds(handoff.target())).allMatch(bind -> bind.startsWith(output + "/"));
        assertThat(handoff.awaitEnd().output(handoff.target())).isEqualTo("no mount at all\n");
        handoff.remove();
    }

    @Test
    void without_a_choice_of_runtime_it_is_found_too() {
        ContainerdHandoff handoff =
                ContainerdHandoff.run(containerd, hostRoot(), "true").succeeded();

        assertThat(handoff.log()).contains("Using containerd at unix:///proc/" + containerd.pid() + "/root" + SOCKET);
        handoff.awaitEnd().remove();
    }

    @Test
    void address_that_is_not_mounted_is_looked_for_in_the_host_root() {
        assertReached(SOCKET);
    }

    /** The link is absolute, so the kernel would follow it into the root of the action. */
    @Test
    void address_behind_symbolic_links() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("run"), Path.of("/run/containerd"));
        Path further = Files.createSymbolicLink(folder.resolve("further"), Path.of("run/.."));

        assertReached(link + "/containerd.sock");
        assertReached(further + "/containerd/containerd.sock");
    }

    /** On this machine and on most, {@code /var/run} leads to {@code /run}. */
    @Test
    void address_below_var_run() {
        assertReached("/var/run/containerd/containerd.sock");
    }

    @Test
    void address_longer_than_a_socket_path_can_be_in_the_host_root() {
        Path deep = deepFolder();
        containerd.run("mount", "--bind", "/run/containerd", deep.toString()).ok();

        try {
            assertReached(deep + "/containerd.sock");
        } finally {
            containerd.run("umount", deep.toString()).ok();
        }
    }

    @Test
    void address_longer_than_a_socket_path_can_be_in_a_mount() {
        Path deep = deepFolder();

        ContainerdHandoff handoff = ContainerdHandoff.run(
                        containerd, addressed(deep + "/containerd.sock", "--volume", "/run/containerd:" + deep), "true")
                .succeeded();

        assertThat(handoff.log()).contains("Using containerd at unix://" + deep + "/containerd.sock");
        assertThat(handoff.binds(handoff.waiter())).contains(SOCKET + ":/run/containerd.sock");
        handoff.awaitEnd().remove();
    }

    @Test
    void missing_pid_host_is_named() {
        ContainerdHandoff handoff = ContainerdHandoff.run(containerd, CONTAINERD);

        assertThat(refusal(handoff))
                .contains("containerd at unix://" + SOCKET + ": no such file; mount it (volumes: " + SOCKET + ":"
                        + SOCKET)
                .contains("Mount the engine's socket into the action or give it pid: host");
    }

    @Test
    void address_that_is_nowhere() {
        ContainerdHandoff alone = ContainerdHandoff.run(containerd, addressed("/no/c.sock"));
        ContainerdHandoff onHost = ContainerdHandoff.run(containerd, hostRoot("CONTAINERD_ADDRESS=unix:///no/c.sock"));

        assertThat(refusal(alone))
                .contains(
                        "containerd at unix:///no/c.sock: no such file; mount it (volumes: " + SOCKET + ":/no/c.sock)");
        assertThat(refusal(onHost)).contains("containerd at unix:///no/c.sock: no such file; mount it");
    }

    @Test
    void address_of_a_folder() throws IOException {
        Path socket = Files.createDirectory(folder.resolve("c.sock"));

        assertThat(refusal(mounted(socket))).contains("containerd at unix:///c.sock: is a folder, not a socket");
    }

    @Test
    void address_of_a_regular_file() throws IOException {
        Path socket = Files.createFile(folder.resolve("c.sock"));

        assertThat(refusal(mounted(socket))).contains("containerd at unix:///c.sock: is not a socket");
    }

    @Test
    void address_of_a_socket_that_nobody_listens_on() throws IOException {
        Path socket = folder.resolve("c.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();

        assertThat(refusal(mounted(socket)))
                .contains("cannot reach containerd at unix:///c.sock: ", "Connection refused");
    }

    @Test
    void address_of_a_socket_that_accepts_and_never_answers() throws IOException {
        Path socket = folder.resolve("c.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));

            ContainerdHandoff handoff = mounted(socket);

            assertThat(refusal(handoff)).contains("containerd at unix:///c.sock: no answer within 5 s");
            assertThat(Duration.between(handoff.started(), handoff.action().ended()))
                    .isLessThan(ALL_PROBES.plusSeconds(1));
        }
    }

    @Test
    void address_of_dockers_socket() {
        String message = refusal(mounted(Engine.shared().socket()));

        assertThat(message).contains("what listens at unix:///c.sock is not containerd");
    }

    @Test
    void address_of_a_web_server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            ContainerdHandoff handoff = ContainerdHandoff.run(containerd, addressed(address, "--network", "host"));

            assertThat(refusal(handoff)).contains("what listens at " + address + " is not containerd");
        } finally {
            server.stop(0);
        }
    }

    /** The waiter gets the socket by the path that containerd itself has for it, whatever its user wrote. */
    private void assertReached(String address) {
        ContainerdHandoff handoff = ContainerdHandoff.run(containerd, hostRoot("CONTAINERD_ADDRESS=" + address), "true")
                .succeeded();

        assertThat(handoff.log()).contains("Using containerd at unix:///proc/" + containerd.pid() + "/root/");
        assertThat(handoff.binds(handoff.waiter())).contains(SOCKET + ":/run/containerd.sock");
        handoff.awaitEnd().remove();
    }

    private ContainerdHandoff mounted(Path socket) {
        return ContainerdHandoff.run(containerd, addressed("/c.sock", "--volume", socket + ":/c.sock"));
    }

    private Path deepFolder() {
        try {
            return Files.createDirectories(folder.resolve("a".repeat(LONGEST_SOCKET_PATH)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> hostRoot(String... environment) {
        List<String> options = options("--pid", "host", "--network", "host");
        for (String entry : environment) {
            options.addAll(List.of("--env", entry));
            if (entry.startsWith("CONTAINERD_ADDRESS=")) {
                options.addAll(CONTAINERD);
            }
        }
        return options;
    }

    private static List<String> addressed(String address, String... further) {
        List<String> options = options(further);
        options.addAll(List.of("--env", "CONTAINERD_ADDRESS=" + address));
        options.addAll(CONTAINERD);
        return options;
    }

    private static List<String> options(String... further) {
        List<String> options = new ArrayList<>(List.of("--env", "WAIT_SECONDS=0"));
        options.addAll(List.of(further));
        return options;
    }

    /** The message of the one error, once everything else about a refusal has been seen to. */
    private static String refusal(ContainerdHandoff handoff) {
        assertThat(handoff.action().exit()).as(handoff.action().output()).isEqualTo(12);
        LogLine line = LogLine.error(handoff.log());
        assertThat(line.message()).contains("No usable container runtime").doesNotContain("\n", "Exception");
        assertThat(line.json()).doesNotContainKeys("exception", "stackTrace");
        assertThat(handoff.made("target")).isEmpty();
        handoff.forgetAction();
        return line.message();
    }
}
