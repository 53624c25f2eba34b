package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which way does {@code auto} take of those that are open, and does it tell why it passed over the ones before (SPEC §6)? The
 * action is one of containerd's, on a machine where containerd listens at an unusual place under an unusual name: so its API is
 * within reach only where its socket is mounted, and its nerdctl only where the host's processes are.
 */
@ResourceLock(Engine.LOCK)
@ResourceLock(Containerds.LOCK)
class NerdctlChoiceIT {

    private static final String DOCKER_SOCKET = "/var/run/docker.sock";
    private static final String CONTAINERD_SOCKET = "/run/containerd/containerd.sock";
    private static final Duration ALL_PROBES = Duration.ofSeconds(10);

    private static @Nullable PrivateContainerd machine;

    /** A way to an engine. Docker Engine's is open, but it does not run the action. */
    enum Way {
        DOCKER,
        CONTAINERD,
        NERDCTL
    }

    /** @param open the ways that are within reach */
    record Reach(Set<Way> open) {

        boolean has(Way way) {
            return open.contains(way);
        }

        List<String> options() {
            List<String> options = new ArrayList<>();
            if (has(Way.DOCKER)) {
                options.addAll(mount(Engine.shared().socket(), DOCKER_SOCKET));
            }
            if (has(Way.CONTAINERD)) {
                options.addAll(mount(Path.of(machine().address()), CONTAINERD_SOCKET));
            }
            if (has(Way.NERDCTL)) {
                options.addAll(List.of("--pid", "host"));
            }
            return options;
        }
    }

    @BeforeAll
    static void start_a_machine_that_hides_its_containerd() {
        Containerds.require();
        machine = PrivateContainerd.machine(ContainerdVersion.V2_1)
                .hidden("engine-of-this-machine", "/run/waitdaemon/hidden.sock")
                .start();
        machine().add(ImageArchive.target());
    }

    @AfterAll
    static void close() {
        machine().close();
    }

    private static PrivateContainerd machine() {
        return Objects.requireNonNull(machine);
    }

    @ParameterizedTest
    @MethodSource
    void auto_takes_the_first_way_to_the_engine_that_runs_the_action(Reach reach) {
        ContainerdHandoff handoff = ContainerdHandoff.run(machine(), with(reach.options()), "true");

        String log = handoff.log();
        if (reach.has(Way.CONTAINERD)) {
            assertThat(log)
                    .contains("Using containerd at unix://" + CONTAINERD_SOCKET)
                    .contains("Passed over docker");
        } else if (reach.has(Way.NERDCTL)) {
            assertThat(log)
                    .contains("Using nerdctl of the host")
                    .contains("Passed over docker", "Passed over containerd", "Passed over nerdctl in this image");
        } else {
            assertThat(handoff.action().exit()).as(log).isEqualTo(reach.has(Way.DOCKER) ? 1 : 12);
            assertThat(LogLine.error(log).message())
                    .contains("docker at unix://" + DOCKER_SOCKET + ": ")
                    .contains("containerd at unix://" + CONTAINERD_SOCKET + ": no such file")
                    .contains("nerdctl in this image: there is none")
                    .contains("nerdctl of the host: process 1 is in this container too");
            handoff.forgetAction();
            return;
        }
        if (reach.has(Way.DOCKER)) {
            assertThat(log).contains("answers but does not run this container");
        }
        handoff.succeeded().awaitEnd().remove();
    }

    static Stream<Reach> auto_takes_the_first_way_to_the_engine_that_runs_the_action() {
        return Stream.of(
                        Set.<Way>of(),
                        Set.of(Way.DOCKER),
                        Set.of(Way.CONTAINERD),
                        Set.of(Way.NERDCTL),
                        Set.of(Way.DOCKER, Way.CONTAINERD),
                        Set.of(Way.DOCKER, Way.NERDCTL),
                        Set.of(Way.CONTAINERD, Way.NERDCTL),
                        Set.of(Way.DOCKER, Way.CONTAINERD, Way.NERDCTL))
                .map(Reach::new);
    }

    @Test
    void docker_by_its_command_line_alone_is_no_engine() {
        List<String> options = new ArrayList<>(List.of("--pid", "host"));
        options.addAll(mount(Path.of("/usr/bin/docker"), "/usr/bin/docker"));

        ContainerdHandoff handoff = ContainerdHandoff.run(machine(), with(options), "true");

        assertThat(handoff.log()).contains("Using nerdctl of the host");
        handoff.succeeded().awaitEnd().remove();
    }

    @Test
    void sockets_that_nobody_listens_on_and_that_never_answer_leave_time_for_the_last_way() throws IOException {
        Path dead = machine().folder().resolve("dead.sock");
        Path silent = machine().folder().resolve("silent.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(dead))
                .close();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(silent));
            List<String> options = new ArrayList<>(List.of("--pid", "host"));
            options.addAll(mount(silent, DOCKER_SOCKET));
            options.addAll(mount(dead, "/run/docker.sock"));
            options.addAll(mount(silent, CONTAINERD_SOCKET));

            ContainerdHandoff handoff = ContainerdHandoff.run(machine(), with(options), "true");

            assertThat(handoff.log()).contains("Using nerdctl of the host", "/run/docker.sock: Connection refused");
            handoff.succeeded().awaitEnd().remove();
        }
    }

    @Test
    void when_no_way_leads_anywhere_the_action_ends_within_the_time_for_looking() throws IOException {
        Path silent = machine().folder().resolve("never.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(silent));
            List<String> options = mount(silent, DOCKER_SOCKET);
            options.addAll(mount(silent, CONTAINERD_SOCKET));

            ContainerdHandoff handoff = ContainerdHandoff.run(machine(), with(options), "true");

            assertThat(handoff.action().exit()).isEqualTo(12);
            assertThat(LogLine.error(handoff.log()).message())
                    .contains("docker at unix://" + DOCKER_SOCKET + ": no answer within ")
                    .contains("containerd at unix://" + CONTAINERD_SOCKET + ": no answer within ")
                    .contains("nerdctl of the host: process 1 is in this container too");
            assertThat(Duration.between(handoff.started(), handoff.action().ended()))
                    .isLessThan(ALL_PROBES);
            handoff.forgetAction();
        }
    }

    @Test
    void containerd_that_was_asked_for_falls_back_to_nerdctl_and_says_so() {
        ContainerdHandoff handoff = ContainerdHandoff.run(
                machine(), with(List.of("--pid", "host", "--env", "CONTAINER_RUNTIME=containerd")), "true");

        assertThat(handoff.log()).contains("Passed over containerd at unix://", "Using nerdctl of the host");
        handoff.succeeded().awaitEnd().remove();
    }

    private static List<String> with(List<String> options) {
        List<String> all = new ArrayList<>(List.of("--env", "WAIT_SECONDS=0"));
        all.addAll(options);
        return all;
    }

    private static List<String> mount(Path source, String destination) {
        return new ArrayList<>(List.of("--volume", source + ":" + destination));
    }
}
