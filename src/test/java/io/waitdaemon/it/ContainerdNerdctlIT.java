package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import io.waitdaemon.engine.Result;
import io.waitdaemon.it.ContainerdHandoffs.Action;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Can people look at target and waiter with nerdctl, and be rid of them, as with containers that nerdctl made? */
@ResourceLock(Containerds.LOCK)
class ContainerdNerdctlIT {

    private static final String LONG_WAIT = "WAIT_SECONDS=600";

    @BeforeAll
    static void a_containerd_can_run_here() {
        Containerds.require();
    }

    @ParameterizedTest
    @EnumSource
    void waiter_and_target_are_listed_and_described_during_the_wait_and_after_the_end(ContainerdVersion version) {
        ContainerdHandoffs handoffs = on(version);
        Action waiting =
                handoffs.run(List.of("--env", LONG_WAIT), "sleep", "600").succeeded();
        Action ended = handoffs.run(List.of(), "sh", "-c", "exit 3").succeeded();
        assertThat(ended.targetEnded()).isEqualTo(3);
        PrivateContainerd containerd = handoffs.containerd();

        List<String> listed = containerd
                .nerdctl("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Image}} {{.Status}}")
                .ok()
                .out()
                .lines()
                .toList();

        String suffix = waiting.id().substring(0, 8);
        assertThat(listed)
                .anyMatch(line -> line.matches(waiting.target() + " " + waiting.name() + "-target-" + suffix
                        + " docker.io/library/target:latest Created.*"))
                .anyMatch(line -> line.matches(waiting.waiter() + " " + waiting.name() + "-waiter-" + suffix
                        + " docker.io/library/waitdaemon:it Up.*"))
                .anyMatch(line -> line.startsWith(ended.target()) && line.contains("Exited (3)"))
                .anyMatch(line -> line.startsWith(ended.waiter()) && line.contains("Exited (3)"));
        for (String container : List.of(waiting.target(), waiting.waiter(), ended.target(), ended.waiter())) {
            assertThat(containerd.nerdctl("inspect", container).ok().out())
                    .contains("\"Id\": \"" + container + "\"", "\"io.waitdaemon.role\"");
            assertThat(containerd
                            .nerdctl("inspect", "--mode=native", container)
                            .ok()
                            .out())
                    .contains("\"ID\": \"" + container + "\"", "\"SnapshotKey\"");
        }
        assertThat(waiting.logs(waiting.waiter())).contains("Waiting");
        waiting.clear();
        ended.clear();
    }

    @ParameterizedTest
    @EnumSource
    void logs_show_both_streams_of_a_target_and_the_waiters_own(ContainerdVersion version) {
        Action action = on(version)
                .run(List.of(), "sh", "-c", "echo one; echo two >&2; exit 3")
                .succeeded();

        assertThat(action.targetEnded()).isEqualTo(3);

        Result logs = action.containerd().nerdctl("logs", action.target()).ok();
        assertThat(logs.out()).isEqualTo("one\n");
        assertThat(logs.err()).isEqualTo("two\n");
        assertThat(LogLine.error(action.logs(action.waiter())).message())
                .contains("ended with exit code 3", "one", "two");
        action.clear();
    }

    @ParameterizedTest
    @EnumSource
    void long_output_is_in_the_logs_to_its_last_line(ContainerdVersion version) {
        Action action = on(version)
                .run(List.of(), "sh", "-c", "seq 1 10000; echo the very last; exit 4")
                .succeeded();

        assertThat(action.targetEnded()).isEqualTo(4);

        // whoever writes the log may be behind the end, which nerdctl logs does not mind
        ContainerdHandoffs.await(
                ContainerdHandoffs.SOON, () -> action.logs(action.target()).endsWith("last\n"), () -> "the last line");
        List<String> lines = action.containerd()
                .nerdctl("logs", action.target())
                .ok()
                .out()
                .lines()
                .toList();
        assertThat(lines).hasSize(10_001).startsWith("1", "2").endsWith("10000", "the very last");
        assertThat(LogLine.error(action.logs(action.waiter())).message()).contains("9999 | 10000 | the very last");
        action.clear();
    }

    /** JSON has no bytes, so those that are no UTF-8 are replaced; what follows them is not lost. */
    @ParameterizedTest
    @EnumSource
    void binary_output_does_no_harm(ContainerdVersion version) {
        Action action = on(version)
                .run(
                        List.of(),
                        "sh",
                        "-c",
                        "printf 'caf\\303\\251 \\377\\376\\000\\001 \\033[31mred\\n'; printf '\\200\\201\\n' >&2; echo end; exit 5")
                .succeeded();

        assertThat(action.targetEnded()).isEqualTo(5);

        Result logs = action.containerd().nerdctl("logs", action.target()).ok();
        assertThat(logs.out())
                .startsWith("café \uFFFD")
                .contains("\u001B[31mred\n")
                .endsWith("end\n");
        assertThat(logs.err()).contains("\uFFFD");
        assertThat(LogLine.error(action.logs(action.waiter())).message()).contains("café", "end");
        action.clear();
    }

    @ParameterizedTest
    @EnumSource
    void output_is_kept_with_no_client_alive_and_while_containerd_is_away(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            ContainerdHandoffs handoffs = new ContainerdHandoffs(containerd);
            Action action = handoffs.run(
                            List.of(),
                            "sh",
                            "-c",
                            "echo before; while ! test -e /away; do sleep 0.1; done; echo meanwhile; echo bad >&2;"
                                    + " while ! test -e /back; do sleep 0.1; done; echo after")
                    .succeeded();
            String target = action.target();
            action.awaitRunning(target);
            long pid = Long.parseLong(containerd
                    .nerdctl("inspect", "--format", "{{.State.Pid}}", target)
                    .line());
            containerd.nerdctl("rm", "--force", action.waiter()).ok();
            containerd.stop();

            touch(pid, "away");
            ContainerdHandoffs.await(
                    ContainerdHandoffs.SOON,
                    () -> log(containerd, target).contains("bad"),
                    () -> log(containerd, target));
            containerd.start();
            touch(pid, "back");

            assertThat(action.awaitEnd(target)).isZero();
            Result logs = containerd.nerdctl("logs", target).ok();
            assertThat(logs.out()).isEqualTo("before\nmeanwhile\nafter\n");
            assertThat(logs.err()).isEqualTo("bad\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ended_waiter_and_target_are_removed_without_a_trace(ContainerdVersion version) {
        ContainerdHandoffs handoffs = on(version);
        Inventory before = handoffs.containerd().inventory();
        Action action = handoffs.run(List.of(), "sh", "-c", "exit 3").succeeded();
        assertThat(action.targetEnded()).isEqualTo(3);
        assertThat(handoffs.containerd().inventory()).isNotEqualTo(before);

        handoffs.containerd().nerdctl("rm", action.target()).ok();
        handoffs.containerd().nerdctl("rm", action.waiter()).ok();

        assertThat(handoffs.containerd().inventory()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void waiting_waiter_and_target_are_removed_by_force_without_a_trace(ContainerdVersion version) {
        ContainerdHandoffs handoffs = on(version);
        PrivateContainerd containerd = handoffs.containerd();
        Inventory before = containerd.inventory();
        Action waiting =
                handoffs.run(List.of("--env", LONG_WAIT), "sleep", "600").succeeded();
        Action running = handoffs.run(List.of(), "sleep", "600").succeeded();
        running.awaitRunning(running.target());

        assertThat(containerd.nerdctl("rm", waiting.waiter()).exit()).isNotZero();
        assertThat(containerd.nerdctl("rm", running.target()).exit()).isNotZero();
        assertThat(containerd.inventory().tasks()).contains(waiting.waiter(), running.target());
        containerd.nerdctl("rm", "--force", waiting.waiter(), waiting.target()).ok();
        containerd.nerdctl("rm", "--force", running.target()).ok();
        running.awaitEnd(running.waiter());
        containerd.nerdctl("rm", "--force", running.waiter()).ok();

        assertThat(containerd.inventory()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void machine_whose_awk_does_not_serve_keeps_plain_files_that_the_waiter_reads_to_their_end(
            ContainerdVersion version) throws Exception {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            containerd.write("/usr/local/bin/awk", "#!/bin/sh\nexit 1\n");
            containerd.run("chmod", "755", "/usr/local/bin/awk").ok();
            ContainerdHandoffs handoffs = new ContainerdHandoffs(containerd);
            Inventory before = containerd.inventory();

            Action action = handoffs.run(List.of(), "sh", "-c", "seq 1 10000; printf 'the very last'; exit 6")
                    .succeeded();

            assertThat(action.targetEnded()).isEqualTo(6);
            Path folder = stateFolder(containerd, action.target());
            assertThat(Files.readAllLines(folder.resolve("output")))
                    .hasSize(10_001)
                    .startsWith("1", "2")
                    .endsWith("10000", "the very last");
            assertThat(Files.readString(stateFolder(containerd, action.waiter()).resolve("output")))
                    .contains("ended with exit code 6", "the very last");
            containerd.nerdctl("rm", action.target(), action.waiter()).ok();
            assertThat(containerd.inventory()).isEqualTo(before);
        }
    }

    private static ContainerdHandoffs on(ContainerdVersion version) {
        return new ContainerdHandoffs(Containerds.shared(version));
    }

    private static void touch(long pid, String name) {
        try {
            Files.createFile(Path.of("/proc/" + pid + "/root/" + name));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Path stateFolder(PrivateContainerd containerd, String container) {
        return containerd
                .file("/var/lib/nerdctl/1935db59/containers/" + PrivateContainerd.NAMESPACE)
                .resolve(container);
    }

    private static String log(PrivateContainerd containerd, String container) {
        try {
            return Files.readString(stateFolder(containerd, container).resolve(container + "-json.log"));
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
