package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.it.Agent.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Does an action on containerd know which container it is? What containerd tells of it is the same on all versions, but for
 * its process ids, of which 1.6 does not say where they count; that is asked of all, the rest of the newest.
 */
@ResourceLock(Engine.LOCK)
@ResourceLock(Containerds.LOCK)
class ContainerdSelfIT {

    private static final ContainerdVersion NEWEST = ContainerdVersion.V2_1;
    private static final String SOCKET = "/run/containerd/containerd.sock";

    @BeforeAll
    static void a_containerd_can_run_here() {
        Containerds.require();
    }

    @ParameterizedTest
    @CsvSource({
        "its cgroup path,",
        "its cgroup path, --network host",
        "its cgroup path, --network host --pid host",
        "its root mount, --cgroupns private",
        "its root mount, --cgroupns private --network host"
    })
    void action_finds_itself(String confirmation, String options) {
        finds_itself(NEWEST, confirmation, options == null ? List.of() : List.of(options.split(" ")));
    }

    @ParameterizedTest
    @EnumSource
    void action_among_the_hosts_processes_finds_itself_by_its_own(ContainerdVersion version) {
        finds_itself(
                version,
                "its process id",
                List.of("--cgroupns", "private", "--pid", "host", "--network", "host", "--unprivileged"));
    }

    @ParameterizedTest
    @EnumSource
    void action_whose_snapshotter_makes_no_overlay_finds_itself_by_its_process(ContainerdVersion version) {
        unpackForNative(version);

        finds_itself(
                version,
                "its process id",
                List.of("--snapshotter", "native", "--cgroupns", "private", "--pid", "host"));
    }

    @Test
    void action_of_which_nothing_tells_is_told_what_was_tried() {
        unpackForNative(NEWEST);

        ComparedHandoff handoff = run(NEWEST, List.of("--snapshotter", "native", "--cgroupns", "private"));

        assertThat(handoff.exit()).as(handoff.log()).isEqualTo(1);
        assertThat(handoff.log())
                .contains(
                        "Cannot tell which container this is",
                        SOCKET,
                        "nothing confirms it",
                        "give the action pid: host")
                .doesNotContain("\\tat ");
        assertThat(handoff.made("target")).isEmpty();
        handoff.clear();
    }

    @Test
    void action_in_another_namespace_than_was_named_makes_its_target_there() {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        for (ImageArchive image : List.of(WaitdaemonImage.archive(), ImageArchive.target())) {
            containerd
                    .run(
                            "ctr",
                            "--namespace",
                            "elsewhere",
                            "images",
                            "import",
                            image.file().toString())
                    .ok();
        }

        for (String cgroupns : List.of("", "private")) {
            finds_itself(
                    NEWEST,
                    cgroupns.isEmpty() ? "its cgroup path" : "its root mount",
                    List.of(
                            "--namespace",
                            "elsewhere",
                            "--env",
                            "CONTAINERD_NAMESPACE=tinkerbell",
                            "--cgroupns",
                            cgroupns));
        }
    }

    @Test
    void action_is_not_taken_for_an_earlier_try_that_was_kept() {
        List<String> sameName = List.of("--id", "5e1f5e1f5e1f5e1f", "--cgroupns", "private");
        ComparedHandoff earlier = run(NEWEST, sameName).succeeded();
        try {
            finds_itself(NEWEST, "its root mount", sameName);
        } finally {
            earlier.clear();
        }
    }

    @Test
    void docker_container_that_finds_itself_in_dockers_containerd_is_sent_to_docker() {
        Agent agent = new Agent(Engine.shared());
        for (String cgroupns : List.of("host", "private")) {
            Action action = agent.runBare(
                    Agent.newName("moby"),
                    List.of(
                            "--volume",
                            agent.engine().folder() + "/containerd.sock:" + SOCKET,
                            "--env",
                            "CONTAINER_RUNTIME=containerd",
                            "--env",
                            "IMAGE=target",
                            "--cgroupns",
                            cgroupns),
                    "true");

            assertThat(action.exit()).as(action.log()).isNotZero();
            assertThat(action.log())
                    .contains("containerd at unix://" + SOCKET, "namespace moby", "mount /var/run/docker.sock")
                    .doesNotContain("\\tat ");
            action.forceRemoveAll();
        }
    }

    @Test
    void engine_that_runs_the_action_is_taken_where_both_can_be_reached() {
        Agent agent = new Agent(Engine.shared());
        Action ofDocker = agent.run(
                Agent.newName("both"),
                List.of(
                        "--volume",
                        agent.engine().folder() + "/containerd.sock:" + SOCKET,
                        "--env",
                        "WAIT_SECONDS=600"),
                "true");
        assertThat(ofDocker.log()).contains("Using docker at unix:///var/run/docker.sock, which runs this container");
        ofDocker.succeeded().forceRemoveAll();

        ComparedHandoff ofContainerd = run(
                NEWEST,
                List.of(
                        "--volume",
                        agent.engine().socket() + ":/var/run/docker.sock",
                        "--env",
                        "CONTAINER_RUNTIME=auto"));
        assertThat(ofContainerd.succeeded().log())
                .contains("Passed over docker at unix:///var/run/docker.sock: answers but does not run this container")
                .contains("Using containerd at unix://" + SOCKET + ", which runs this container");
        ofContainerd.clear();
    }

    @Test
    void containerd_that_does_not_know_the_action_is_passed_over_with_what_was_tried() {
        Agent agent = new Agent(Engine.shared());
        PrivateContainerd other = Containerds.shared(NEWEST);
        Action action = agent.runBare(
                Agent.newName("stranger"),
                List.of(
                        "--volume",
                        other.socket() + ":" + SOCKET,
                        "--env",
                        "CONTAINER_RUNTIME=containerd",
                        "--env",
                        "IMAGE=target"),
                "true");

        assertThat(action.exit()).as(action.log()).isEqualTo(1);
        assertThat(action.log())
                .contains("Cannot tell which container this is", "answers but does not run this container")
                .contains("cgroup path " + action.id() + ": the engine does not know it")
                .contains("check that the socket which is mounted")
                .doesNotContain("\\tat ");
        action.forceRemoveAll();
    }

    /** One action that hands off; the log, the target and the waiter must all be about it and no other. */
    private static void finds_itself(ContainerdVersion version, String confirmation, List<String> options) {
        String label = Agent.newName("self");
        ComparedHandoff handoff = run(
                version,
                Stream.concat(options.stream(), Stream.of("--label", "of=" + label))
                        .toList());
        try {
            assertThat(handoff.succeeded().log())
                    .contains("runs this container, " + handoff.name() + " ("
                            + handoff.id().substring(0, 12) + "), known by " + confirmation + ".");
            assertThat(handoff.target().getJsonObject("Labels").getString("of")).isEqualTo(label);
            assertThat(handoff.waiter().getJsonObject("Labels").getString("nerdctl/name"))
                    .startsWith(handoff.name() + "-waiter-");
        } finally {
            handoff.clear();
        }
    }

    private static ComparedHandoff run(ContainerdVersion version, List<String> options) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        List<String> all = new ArrayList<>(ComparedHandoff.MOUNTED);
        all.addAll(List.of("--env", "IMAGE=target", "--env", "WAIT_SECONDS=600"));
        all.addAll(options);
        return ComparedHandoff.ofAgent(containerd, all, "true");
    }

    private static void unpackForNative(ContainerdVersion version) {
        ComparedHandoff.unpack(Containerds.shared(version), "native", WaitdaemonImage.archive(), ImageArchive.target());
    }
}
