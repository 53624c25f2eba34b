package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdPrograms;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What does an operator see whose action asks for nerdctl and cannot use it, in our image or on the host? */
@ResourceLock(Containerds.LOCK)
class NerdctlErrorIT {

    private static final String SOCKET = "/run/containerd/containerd.sock";
    private static final String ON_HOST = "/usr/local/bin/nerdctl";
    private static final Duration ALL_PROBES = Duration.ofSeconds(10);

    @BeforeAll
    static void prepare() {
        machine().add(ImageArchive.target());
    }

    private static PrivateContainerd machine() {
        return Containerds.sharedMachine();
    }

    @Test
    void image_without_nerdctl() {
        assertThat(refusal(ContainerdRoute.API, "NSENTER_HOST=false"))
                .contains("nerdctl in this image: there is none at " + ON_HOST)
                .contains("use the image whose tag ends with -nerdctl, or the host's nerdctl")
                .doesNotContain("nerdctl of the host:");
    }

    @Test
    void host_without_nerdctl() throws IOException {
        Path nerdctl = machine().file(ON_HOST);
        Path target = Files.readSymbolicLink(nerdctl);
        Files.delete(nerdctl);
        try {
            assertThat(refusal(ContainerdRoute.HOST_NERDCTL))
                    .contains("nerdctl of the host: there is none on the host")
                    .contains("install it there, or use the image whose tag ends with -nerdctl");
        } finally {
            Files.createSymbolicLink(nerdctl, target);
        }
    }

    @Test
    void host_without_pid_host() {
        assertThat(refusal(ContainerdRoute.API, "NSENTER_HOST=true"))
                .contains("nerdctl of the host: process 1 is in this container too; run the action with pid: host")
                .doesNotContain("nerdctl in this image");
    }

    @Test
    void host_whose_namespaces_may_not_be_entered() {
        assertThat(refusal(ContainerdRoute.HOST_NERDCTL, List.of("--unprivileged")))
                .contains("nerdctl of the host: the host's namespaces cannot be entered (nsenter: ")
                .contains("run the action privileged and with pid: host");
    }

    /** The oldest that will do is younger than what this program says of itself, which is all that it says. */
    @Test
    void version_that_is_too_old() throws IOException {
        Path nerdctl = machine().file(ON_HOST);
        Path target = Files.readSymbolicLink(nerdctl);
        Files.delete(nerdctl);
        Files.writeString(nerdctl, "#!/bin/sh\necho '{\"Client\":{\"Version\":\"v1.7.7\"}}'\n");
        assertThat(nerdctl.toFile().setExecutable(true)).isTrue();
        try {
            assertThat(refusal(ContainerdRoute.HOST_NERDCTL))
                    .contains("nerdctl of the host: is version v1.7.7, and 2.0 is the oldest that will do; update it");
        } finally {
            Files.delete(nerdctl);
            Files.createSymbolicLink(nerdctl, target);
        }
    }

    @Test
    void containerd_that_is_too_old() {
        assertThat(refusal(
                        Containerds.shared(ContainerdVersion.V1_6), true, ContainerdRoute.BUNDLED_NERDCTL, List.of()))
                .contains("nerdctl in this image: speaks to containerd 1.6.")
                .contains("and 1.7 is the oldest that will do with nerdctl; use CONTAINER_RUNTIME=containerd");
    }

    @Test
    void action_that_does_not_run_as_root() throws IOException {
        Path patch = Files.writeString(
                machine().folder().resolve("user.json"), "{\"process\": {\"user\": {\"uid\": 1000, \"gid\": 1000}}}");

        assertThat(refusal(ContainerdRoute.BUNDLED_NERDCTL, List.of("--spec-patch", patch.toString())))
                .contains("nerdctl in this image: has to be run by root, and this container runs as user 1000");
    }

    @Test
    void containerd_that_is_not_mounted() {
        String message = refusal(false, ContainerdRoute.BUNDLED_NERDCTL, List.of());

        assertThat(message)
                .contains("cannot access containerd socket", "Mount it (volumes: " + SOCKET + ":" + SOCKET)
                .contains("/var/lib/containerd, /var/lib/nerdctl, /opt/cni/bin and /etc/cni/net.d");
    }

    @Test
    void socket_that_nobody_listens_on() throws IOException {
        Path socket = machine().folder().resolve("dead.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();

        assertThat(refusal(false, ContainerdRoute.BUNDLED_NERDCTL, List.of("--volume", socket + ":" + SOCKET)))
                .contains("nerdctl in this image: ", "connection refused");
    }

    @Test
    void socket_that_accepts_and_never_answers_holds_nobody_up() throws IOException {
        Path socket = machine().folder().resolve("silent.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            List<String> options = new ArrayList<>(options(machine(), ContainerdRoute.BUNDLED_NERDCTL, false));
            options.addAll(List.of("--volume", socket + ":" + SOCKET));

            ComparedHandoff handoff = ComparedHandoff.ofAgent(machine(), ContainerdRoute.BUNDLED_NERDCTL, options);
            try {
                assertThat(handoff.exit()).as(handoff.log()).isEqualTo(12);
                List<LogLine> lines = LogLine.of(ours(handoff));
                assertThat(lines.getLast().message()).contains("nerdctl in this image: ", "no answer within 5 s");
                assertThat(Duration.between(time(lines.getFirst()), time(lines.getLast())))
                        .isLessThan(ALL_PROBES);
            } finally {
                handoff.clear();
            }
        }
    }

    @Test
    void address_on_the_network() {
        assertThat(refusal(ContainerdRoute.BUNDLED_NERDCTL, "CONTAINERD_ADDRESS=tcp://127.0.0.1:2500"))
                .contains("speaks to a socket of its own machine only", "tcp://127.0.0.1:2500")
                .contains("use CONTAINER_RUNTIME=containerd for that address");
    }

    @Test
    void nerdctl_in_this_image_without_the_mounts_that_it_needs() {
        List<String> options = List.of(
                "--env", "IMAGE=target", "--env", "CONTAINER_RUNTIME=nerdctl", "--volume", SOCKET + ":" + SOCKET);

        ComparedHandoff handoff = ComparedHandoff.ofAgent(machine(), ContainerdRoute.BUNDLED_NERDCTL, options, "true");
        try {
            assertThat(handoff.exit()).as(handoff.log()).isEqualTo(1);
            assertThat(LogLine.error(ours(handoff)).message())
                    .contains("nerdctl in this image needs /var/lib/nerdctl of the host at the same path")
                    .contains("mount it (volumes: /var/lib/nerdctl:/var/lib/nerdctl)");
            assertThat(handoff.made("target")).isEmpty();
        } finally {
            handoff.clear();
        }
    }

    @Test
    void nerdctl_in_this_image_needs_no_host_and_writes_what_the_older_one_there_understands() {
        List<String> options = new ArrayList<>(ContainerdRoute.BUNDLED_NERDCTL.options(machine(), true));
        options.addAll(List.of("--env", "IMAGE=target", "--env", "WAIT_SECONDS=0"));

        ComparedHandoff handoff =
                ComparedHandoff.ofAgent(machine(), ContainerdRoute.BUNDLED_NERDCTL, options, "echo", "it", "ran");
        try {
            assertThat(ContainerdPrograms.get().nerdctl())
                    .isNotEqualTo(ContainerdPrograms.get().oldNerdctl());
            assertThat(handoff.succeeded().outputOfTarget()).isEqualTo("it ran\n");
        } finally {
            handoff.clear();
        }
    }

    private static String refusal(ContainerdRoute route, String entry) {
        return refusal(route, List.of("--env", entry));
    }

    private static String refusal(ContainerdRoute route) {
        return refusal(route, List.of());
    }

    private static String refusal(ContainerdRoute route, List<String> further) {
        return refusal(true, route, further);
    }

    private static String refusal(boolean open, ContainerdRoute route, List<String> further) {
        return refusal(machine(), open, route, further);
    }

    /** The message of the one error, once everything else about a refusal has been seen to. */
    private static String refusal(
            PrivateContainerd containerd, boolean open, ContainerdRoute route, List<String> further) {
        List<String> options = new ArrayList<>(options(containerd, route, open));
        options.addAll(further);
        ComparedHandoff handoff = ComparedHandoff.ofAgent(containerd, route, options);
        try {
            assertThat(handoff.exit()).as(handoff.log()).isEqualTo(12);
            LogLine line = LogLine.error(ours(handoff));
            assertThat(line.message()).contains("No usable container runtime").doesNotContain("\n", "Exception");
            assertThat(line.json()).doesNotContainKeys("exception", "stackTrace");
            assertThat(handoff.made("target")).isEmpty();
            return line.message();
        } finally {
            handoff.clear();
        }
    }

    private static List<String> options(PrivateContainerd containerd, ContainerdRoute route, boolean open) {
        List<String> options = new ArrayList<>(List.of("--env", "IMAGE=target", "--env", "CONTAINER_RUNTIME=nerdctl"));
        options.addAll(route.options(containerd, open));
        return options;
    }

    private static String ours(ComparedHandoff handoff) {
        return handoff.log().lines().filter(line -> line.startsWith("{")).reduce("", (all, line) -> all + line + "\n");
    }

    private static java.time.Instant time(LogLine line) {
        return java.time.Instant.parse(line.json().getString("time"));
    }
}
