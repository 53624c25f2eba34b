package io.waitdaemon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.PrivateContainerd.Inventory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The fixtures themselves, since a wrong fixture makes every other test lie. */
class ContainerdFixtureIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final List<String> ON_THE_HOST = List.of("--pid", "host", "--network", "host");

    @BeforeAll
    static void a_containerd_can_run_here() {
        Containerds.require();
    }

    @ParameterizedTest
    @EnumSource
    void shared_containerd_is_of_its_version_and_uses_its_own_programs(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = Containerds.shared(version);

        assertThat(containerd.ctr("version").ok().out().lines().filter(line -> line.contains("Version:")))
                .hasSize(2)
                .allMatch(line -> line.strip().matches("Version: +v?" + version + "\\..*"));
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + containerd.pid() + "/exe")))
                .hasToString(ContainerdPrograms.get().debian() + "/" + version.suite() + "/usr/bin/containerd");
        assertThat(containerd.socket().toString()).hasSizeLessThan(100);
        assertThat(Containerds.shared(version)).isSameAs(containerd);
        assertThat(containerd.log()).doesNotContain("level=error");
    }

    @ParameterizedTest
    @EnumSource
    void action_on_the_host_runs_and_leaves_nothing(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        Inventory before = containerd.inventory();

        AgentRun run = AgentRun.begin(
                containerd,
                ImageArchive.target(),
                ON_THE_HOST,
                "sh",
                "-c",
                "cat /proc/self/cgroup; cat /proc/net/dev; readlink /proc/self/ns/pid; test -e /etc/hosts");

        assertThat(run.exit()).describedAs(run.output()).isZero();
        assertThat(run.output())
                .contains("/tinkerbell/" + run.id(), "wdcn")
                .contains(Command.run("readlink", "/proc/self/ns/pid").ok().line());
        assertThat(run.removed()).isAfterOrEqualTo(run.ended());
        assertThat(containerd.inventory()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void shim_of_a_running_action_is_of_the_same_version(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = Containerds.shared(version);

        AgentRun run = AgentRun.begin(containerd, ImageArchive.target(), ON_THE_HOST, "sleep", "600");

        assertThat(Leftovers.alive(run.pid())).isTrue();
        Inventory during = containerd.inventory();
        assertThat(during.tasks()).contains(run.id());
        assertThat(during.shims()).isNotEmpty().allSatisfy(pid -> assertThat(
                        Files.readSymbolicLink(Path.of("/proc", pid, "exe")))
                .hasToString(ContainerdPrograms.get().debian() + "/" + version.suite()
                        + "/usr/bin/containerd-shim-runc-v2"));
        run.stop();
        assertThat(containerd.inventory().tasks()).doesNotContain(run.id());
        remove(containerd, run);
    }

    @ParameterizedTest
    @EnumSource
    void action_with_a_network_of_its_own_gets_an_address_and_gives_it_back(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        String network = containerd.gateway().replaceFirst("\\.[0-9]+$", ".");

        AgentRun run = AgentRun.begin(
                containerd,
                ImageArchive.target(),
                List.of(),
                "sh",
                "-c",
                "ip addr show eth0; hostname; ping -c 1 " + containerd.gateway());

        assertThat(run.exit()).describedAs(run.output()).isZero();
        assertThat(run.output())
                .contains("inet " + network, "1 packets received", run.id().substring(0, 12));
        assertThat(Leftovers.list(containerd.file("/var/lib/cni/networks/bridge")))
                .extracting(Path::getFileName)
                .extracting(Path::toString)
                .isNotEmpty()
                .noneMatch(name -> name.startsWith(network));
    }

    @ParameterizedTest
    @EnumSource
    void failed_action_is_kept_and_nerdctl_tells_about_it(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);

        AgentRun run = AgentRun.begin(
                containerd, ImageArchive.target(), ON_THE_HOST, "sh", "-c", "echo one; echo two >&2; exit 7");

        assertThat(run.exit()).isEqualTo(7);
        assertThat(containerd.nerdctl("ps", "--all", "--no-trunc").ok().out()).contains(run.id(), run.name());
        Result logs = containerd.nerdctl("logs", run.id()).ok();
        assertThat(logs.out()).isEqualTo("one\n");
        assertThat(logs.err()).isEqualTo("two\n");
        assertThat(containerd.inventory().logFolders()).anyMatch(folder -> folder.endsWith("/" + run.id()));
        remove(containerd, run);
    }

    @ParameterizedTest
    @EnumSource
    void images_settings_and_a_patch_of_the_spec_reach_the_container(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = Containerds.shared(version);
        Path patch = Files.writeString(
                containerd.folder().resolve("patch.json"),
                "{\"process\":{\"cwd\":\"/tmp\"},\"annotations\":{\"a\":\"b\"}}");

        AgentRun run = AgentRun.begin(
                containerd,
                ImageArchive.configured(),
                List.of("--network", "host", "--keep", "--env", "SHARED=action", "--spec-patch", patch.toString()),
                "one");

        assertThat(run.exit()).describedAs(run.output()).isZero();
        assertThat(run.output().lines())
                .contains("user=1000:1000", "folder=/tmp", "arg=one", "GREETING=hello from the image", "SHARED=action");
        assertThat(containerd.ctr("containers", "info", run.id()).ok().out()).contains("\"a\": \"b\"");
        remove(containerd, run);
    }

    @ParameterizedTest
    @EnumSource
    void restart_monitor_looks_every_second_and_a_part_of_the_configuration_can_be_added(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version)
                .configure("tcp", "[grpc]\n  tcp_address = \"127.0.0.1:0\"\n")
                .start()) {
            containerd.add(ImageArchive.target());

            containerd
                    .ctr(
                            "run",
                            "--detach",
                            "--label",
                            "containerd.io/restart.status=running",
                            ImageArchive.target().reference(),
                            "again",
                            "sh",
                            "-c",
                            "test -e /once && touch /twice && exec sleep 600; touch /once; exit 3")
                    .ok();

            String[] probe = {"tasks", "exec", "--exec-id", "probe", "again", "test", "-e", "/twice"};
            Await.until(SOON, () -> containerd.ctr(probe).exit() == 0, containerd::log);
            assertThat(containerd
                            .run("ss", "--no-header", "--listening", "--tcp", "--processes")
                            .out())
                    .contains("pid=" + containerd.pid() + ",");
        }
    }

    @ParameterizedTest
    @EnumSource
    void task_outlives_a_killed_and_a_stopped_containerd(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            AgentRun run = AgentRun.begin(containerd, ImageArchive.target(), ON_THE_HOST, "sleep", "600");
            long pid = run.pid();

            containerd.kill();
            assertThat(containerd.socket()).exists();
            assertThat(Leftovers.alive(pid)).isTrue();
            containerd.start();
            assertThat(containerd.inventory().tasks()).contains(run.id());
            containerd.stop();
            assertThat(Leftovers.alive(pid)).isTrue();
            containerd.start();

            assertThat(containerd.ctr("tasks", "ls").ok().out())
                    .contains(pid + "")
                    .contains("RUNNING");
            run.kill();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closing_leaves_nothing_even_after_a_kill(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = PrivateContainerd.create(version).start();
        String bridge = Files.readString(containerd.folder().resolve("bridge")).strip();
        AgentRun host = AgentRun.begin(
                containerd, ImageArchive.target(), ON_THE_HOST, "sh", "-c", "sleep 600 & sleep 600 & wait");
        AgentRun bridged = AgentRun.begin(containerd, ImageArchive.target(), List.of(), "sleep", "600");
        List<Long> pids = List.of(containerd.pid(), host.pid(), bridged.pid());
        host.kill();
        bridged.kill();

        containerd.kill();
        containerd.close();

        assertThat(pids).noneMatch(Leftovers::alive);
        assertThat(Leftovers.list(Path.of("/proc")))
                .noneMatch(process -> Leftovers.livesIn(process, containerd.folder()));
        assertThat(containerd.folder()).doesNotExist();
        assertThat(Path.of("/sys/class/net/" + bridge)).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(containerd.folder() + "/");
        assertThat(Command.run("find", "/sys/fs/cgroup", "-type", "d", "-name", host.id() + "*")
                        .out())
                .isEmpty();
    }

    private static void remove(PrivateContainerd containerd, AgentRun run) {
        containerd.ctr("containers", "rm", run.id()).ok();
        assertThat(containerd.inventory().containers()).doesNotContain(run.id());
    }
}
