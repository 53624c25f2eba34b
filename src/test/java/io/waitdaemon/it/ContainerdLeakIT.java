package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import io.waitdaemon.engine.SocketProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is left in containerd and on its machine when a handoff fails, at whatever step and for whatever reason, and when
 * one has ended?
 */
@ResourceLock(Containerds.LOCK)
class ContainerdLeakIT {

    private static final String SOCKET = "/run/containerd/containerd.sock";
    private static final int HANDOFFS = Integer.getInteger("waitdaemon.handoffs", 100);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /**
     * All that there is.
     *
     * @param mounts mount points of containers and network namespaces
     * @param addresses that CNI has given out
     */
    private record Traces(
            Inventory inventory, SortedSet<String> mounts, SortedSet<String> addresses, SortedSet<String> networks) {

        static Traces of(PrivateContainerd containerd) {
            return new Traces(
                    containerd.inventory(),
                    lines(
                            containerd,
                            "awk '{print $5}' /proc/self/mountinfo | grep -e ^" + containerd.folder()
                                    + "/state -e ^/run/waitdaemon"),
                    lines(containerd, "ls /var/lib/cni/networks/* | grep '^[0-9]'"),
                    lines(containerd, "ls /run/waitdaemon"));
        }

        private static SortedSet<String> lines(PrivateContainerd containerd, String script) {
            return new TreeSet<>(containerd
                    .run("sh", "-c", script + " 2>/dev/null")
                    .out()
                    .lines()
                    .toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void command_that_the_image_of_the_target_does_not_have(ContainerdVersion version) {
        PrivateContainerd containerd = shared(version);
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff = ContainerdHandoff.run(containerd, options(), "no-such-program");

        assertThat(refusal(handoff)).contains("refused to create the target", "no-such-program", "not found");
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void command_that_the_image_of_the_target_does_not_have_on_a_network(ContainerdVersion version) {
        PrivateContainerd containerd = shared(version);
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff = ContainerdHandoff.run(
                containerd,
                List.of(
                        "--volume", SOCKET + ":" + SOCKET,
                        "--volume", "/etc/cni/net.d:/etc/cni/net.d:ro",
                        "--env", "CONTAINER_RUNTIME=containerd"),
                "no-such-program");

        assertThat(refusal(handoff)).contains("refused to create the target", "no-such-program");
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    @InterruptsAction
    void source_of_a_bind_mount_that_vanished(ContainerdVersion version) throws IOException {
        PrivateContainerd containerd = shared(version);
        Path source = Files.createDirectory(folder.resolve("source"));
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff = ContainerdHandoff.begin(containerd, options("--volume", source + ":/data"), "true");
        handoff.action().pid();
        Files.delete(source);

        assertThat(refusal(handoff)).contains("refused to create the target", source.toString());
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @Test
    @InterruptsAction
    void runtime_that_vanished() throws IOException {
        PrivateContainerd containerd = shared(ContainerdVersion.V2_1);
        Path shim = containerd.folder().resolve("containerd-shim-private-v2");
        containerd
                .run("sh", "-c", "cp \"$(command -v containerd-shim-runc-v2)\" " + shim)
                .ok();
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff = ContainerdHandoff.begin(containerd, options("--runtime", shim.toString()), "true");
        handoff.action().pid();
        Files.delete(shim);

        assertThat(refusal(handoff)).contains("refused to create the target", "containerd-shim-private-v2");
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @Test
    @InterruptsAction
    void network_namespace_that_vanished() throws IOException {
        PrivateContainerd containerd = shared(ContainerdVersion.V2_1);
        Path network = Files.createFile(containerd.folder().resolve("netns"));
        containerd.run("unshare", "--net=" + network, "true").ok();
        Path patch = Files.writeString(folder.resolve("patch.json"), """
                {"linux": {"namespaces": [
                  {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
                  {"type": "network", "path": "%s"}]}}
                """.formatted(network));
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff = ContainerdHandoff.begin(
                containerd,
                List.of(
                        "--volume",
                        SOCKET + ":" + SOCKET,
                        "--no-cni",
                        "--spec-patch",
                        patch.toString(),
                        "--env",
                        "CONTAINER_RUNTIME=containerd"),
                "true");
        handoff.action().pid();
        containerd.run("umount", network.toString()).ok();

        assertThat(refusal(handoff)).contains("refused to create the target", "runc create failed");
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    @InterruptsAction
    void waiter_that_cannot_reach_containerd(ContainerdVersion version) throws Exception {
        assertThat(refusalAfter(version, key -> Files.writeString(key, "no key")))
                .contains("The waiter could not be started", "the waiter ended at once");
    }

    @ParameterizedTest
    @EnumSource
    @InterruptsAction
    void file_for_the_waiter_that_vanished(ContainerdVersion version) throws Exception {
        assertThat(refusalAfter(version, Files::delete)).contains("refused to create the waiter", "key.pem");
    }

    /** @param fault what happens to the file with the key once the action has read it, and before the waiter does */
    private String refusalAfter(ContainerdVersion version, Fault<Path> fault) throws Exception {
        PrivateContainerd containerd = shared(version);
        TlsFiles files = new TlsFiles(folder.resolve("tls"));
        Path client = files.client("client", "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:prime256v1");
        Path tls = folder.resolve("tls");
        try (SocketProxy proxy = SocketProxy.tls(
                containerd, tls.resolve("engine.pem"), tls.resolve("engine-key.pem"), tls.resolve("ca.pem"))) {
            Traces before = Traces.of(containerd);

            ContainerdHandoff handoff = ContainerdHandoff.begin(
                    containerd,
                    List.of(
                            "--network", "host",
                            "--volume", client + ":/certs:ro",
                            "--env", "CONTAINERD_ADDRESS=https://" + proxy.address(),
                            "--env", "CONTAINER_RUNTIME=containerd",
                            "--env", "CONTAINERD_TLS_CA=/certs/ca.pem",
                            "--env", "CONTAINERD_TLS_CERT=/certs/cert.pem",
                            "--env", "CONTAINERD_TLS_KEY=/certs/key.pem"),
                    "true");
            handoff.await(() -> handoff.log().contains("Using containerd"), "it has read its own files");
            fault.happen(client.resolve("key.pem"));
            String refusal = refusal(handoff);

            assertThat(Traces.of(containerd)).isEqualTo(before);
            return refusal;
        }
    }

    @Test
    @InterruptsAction
    void full_disk() {
        try (PrivateContainerd containerd = PrivateContainerd.create(ContainerdVersion.V2_1)) {
            Path root = containerd.folder().resolve("root");
            containerd
                    .run(
                            "sh",
                            "-c",
                            "mkdir -p \"$1\" && mount -t tmpfs -o size=400m tmpfs \"$1\"",
                            "sh",
                            root.toString())
                    .ok();
            containerd.start();
            containerd.add(ImageArchive.target());
            containerd.add(WaitdaemonImage.archive());
            Traces before = Traces.of(containerd);

            ContainerdHandoff handoff = ContainerdHandoff.begin(containerd, options(), "true");
            handoff.action().pid();
            containerd.run("sh", "-c", "dd if=/dev/zero of=\"$1\"/full bs=64k 2>/dev/null", "sh", root.toString());
            handoff.action().exit();
            containerd.run("rm", root.resolve("full").toString()).ok();

            assertThat(refusal(handoff)).contains("no space left on device");
            assertThat(Traces.of(containerd)).isEqualTo(before);
        }
    }

    /**
     * Whenever it comes: the action fails and has left nothing, or has done its job. Between the two is a moment in which
     * all is handed off and the action is told to stop all the same: its waiter sees that it failed, and clears up.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 150, 300, 450, 600, 800, 1000})
    @InterruptsAction
    void action_that_is_told_to_stop(int milliseconds) throws InterruptedException {
        PrivateContainerd containerd = shared(ContainerdVersion.V2_1);
        Traces before = Traces.of(containerd);

        List<String> options = options("--keep");
        options.addAll(List.of("--env", "WAIT_SECONDS=600"));
        ContainerdHandoff handoff = ContainerdHandoff.begin(containerd, options, "true");
        handoff.await(() -> handoff.log().contains("is present"), "it is about to create the target");
        Thread.sleep(milliseconds);
        containerd.run("sh", "-c", "kill -TERM " + handoff.action().pid());

        if (handoff.action().exit() == 0) {
            assertThat(handoff.made("target")).hasSize(1);
            assertThat(handoff.status(handoff.waiter())).isEqualTo("RUNNING");
        } else if (!handoff.made("waiter").isEmpty()) {
            handoff.await(() -> handoff.waiterLog().contains("The handoff is void"), "the waiter sees the failure");
            handoff.await(() -> handoff.made("target").isEmpty(), "the waiter removes the target");
            handoff.await(() -> handoff.status(handoff.waiter()).equals("STOPPED"), "the waiter ends");
        } else {
            assertThat(handoff.made("target")).as(handoff.action().output()).isEmpty();
        }
        handoff.remove();
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    /** What it had made cannot be removed while nobody answers; the next try of the same action does it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 200, 400, 700})
    @InterruptsAction
    void containerd_that_is_killed_in_the_midst(int milliseconds) throws InterruptedException {
        try (PrivateContainerd containerd =
                PrivateContainerd.create(ContainerdVersion.V2_1).start()) {
            containerd.add(ImageArchive.target());
            containerd.add(WaitdaemonImage.archive());
            Traces before = Traces.of(containerd);
            List<String> options = new ArrayList<>(List.of("--pid", "host", "--network", "host", "--id", "again"));
            options.addAll(List.of("--env", "CONTAINER_RUNTIME=containerd"));
            options.addAll(List.of("--env", "WAIT_SECONDS=600"));

            ContainerdHandoff handoff = ContainerdHandoff.begin(containerd, options, "true");
            handoff.await(() -> handoff.log().contains("is present"), "it is about to create the target");
            Thread.sleep(milliseconds);
            containerd.kill();
            Thread.sleep(1000);
            containerd.start();
            handoff.action().exit();
            String cutOff = handoff.action().output();
            handoff.forgetAction();
            ContainerdHandoff next =
                    ContainerdHandoff.run(containerd, options, "true").succeeded();

            assertThat(next.made("target")).hasSize(1);
            next.remove();
            containerd.endOrphanedShims();
            assertThat(Traces.of(containerd))
                    .as(() -> String.join("\n", cutOff, next.action().output(), containerd.log()))
                    .isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ended_handoff_leaves_two_ended_containers_and_nothing_else(ContainerdVersion version) {
        PrivateContainerd containerd = shared(version);
        Traces before = Traces.of(containerd);

        ContainerdHandoff handoff =
                ContainerdHandoff.run(containerd, options(), "true").succeeded().awaitEnd();
        handoff.action().removed();
        String target = handoff.target();
        String waiter = handoff.waiter();
        Traces after = Traces.of(containerd);

        assertThat(added(before.inventory().containers(), after.inventory().containers()))
                .containsExactlyInAnyOrder(target, waiter);
        assertThat(added(before.inventory().tasks(), after.inventory().tasks()))
                .containsExactlyInAnyOrder(target, waiter);
        assertThat(added(before.inventory().snapshots(), after.inventory().snapshots()))
                .containsExactlyInAnyOrder(target, waiter);
        assertThat(added(before.inventory().logFolders(), after.inventory().logFolders()))
                .extracting(name -> name.replaceFirst(".*/", ""))
                .containsExactlyInAnyOrder(target, waiter);
        assertThat(added(before.inventory().shims(), after.inventory().shims())).hasSize(2);
        assertThat(after.inventory().leases()).isEqualTo(before.inventory().leases());
        assertThat(added(before.mounts(), after.mounts()))
                .hasSize(2)
                .allMatch(mount -> mount.endsWith("/rootfs"))
                .anyMatch(mount -> mount.contains(target))
                .anyMatch(mount -> mount.contains(waiter));
        assertThat(after.addresses()).isEqualTo(before.addresses());
        handoff.remove();
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    @Test
    void hundred_handoffs_leave_nothing_once_their_containers_are_removed() throws Exception {
        PrivateContainerd containerd = shared(ContainerdVersion.V2_1);
        Traces before = Traces.of(containerd);

        List<Callable<Boolean>> handoffs = Collections.nCopies(HANDOFFS, () -> {
            ContainerdHandoff.run(containerd, options(), "true")
                    .succeeded()
                    .awaitEnd()
                    .remove();
            return true;
        });
        assertThat(Crowd.run(handoffs)).hasSize(HANDOFFS);

        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    /** A created task may be killed for want of memory, or with its shim, while everybody waits. */
    @ParameterizedTest
    @EnumSource
    void created_target_whose_process_is_killed_starts_all_the_same(ContainerdVersion version) throws Exception {
        assertStartsOnce(shared(version), handoff -> kill(handoff.pid(handoff.target())));
    }

    @ParameterizedTest
    @EnumSource
    void created_target_whose_shim_is_killed_starts_all_the_same(ContainerdVersion version) throws Exception {
        assertStartsOnce(shared(version), handoff -> kill(shim(handoff.pid(handoff.target()))));
    }

    @ParameterizedTest
    @EnumSource
    void running_target_whose_shim_is_killed_is_not_started_again(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = shared(version);
        Traces before = Traces.of(containerd);
        Path starts = Files.createFile(folder.resolve("starts"));
        ContainerdHandoff handoff = ContainerdHandoff.run(
                        containerd,
                        options("--volume", folder + ":/out"),
                        "sh",
                        "-c",
                        "echo once >>/out/starts; exec sleep 600")
                .succeeded();
        String target = handoff.target();
        handoff.await(() -> content(starts).equals("once\n"), "the target starts");

        kill(handoff.pid(handoff.waiter()));
        kill(shim(handoff.pid(target)));
        handoff.await(() -> !handoff.status(target).equals("RUNNING"), "the target is gone");
        handoff.await(
                () -> handoff.waiterLog()
                                        .lines()
                                        .filter(line -> line.contains("Exiting with"))
                                        .count()
                                > 0
                        && !handoff.status(handoff.waiter()).equals("RUNNING"),
                "the waiter is done");

        assertThat(content(starts)).isEqualTo("once\n");
        assertThat(handoff.waiterLog()).contains("started already");
        handoff.remove();
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    /** The announcement counts: whether the process ran its first instruction nobody can say any more. */
    @Test
    void target_whose_start_was_announced_is_never_made_anew() throws Exception {
        PrivateContainerd containerd = shared(ContainerdVersion.V2_1);
        Path starts = Files.createFile(folder.resolve("starts"));
        List<String> options = options("--volume", folder + ":/out");
        options.addAll(List.of("--env", "WAIT_SECONDS=4"));
        ContainerdHandoff handoff = ContainerdHandoff.run(containerd, options, "sh", "-c", "echo once >>/out/starts")
                .succeeded();

        containerd
                .ctr("containers", "label", handoff.target(), "io.waitdaemon.started=true")
                .ok();
        kill(handoff.pid(handoff.target()));
        handoff.await(() -> handoff.waiterLog().contains("Exiting with"), "the waiter is done");

        assertThat(content(starts)).isEmpty();
        handoff.remove();
    }

    private void assertStartsOnce(PrivateContainerd containerd, Fault<ContainerdHandoff> fault) throws Exception {
        Traces before = Traces.of(containerd);
        Path starts = Files.createFile(folder.resolve("starts"));
        List<String> options = options("--volume", folder + ":/out");
        options.addAll(List.of("--env", "WAIT_SECONDS=4"));
        ContainerdHandoff handoff = ContainerdHandoff.run(
                        containerd, options, "sh", "-c", "echo once >>/out/starts; echo said")
                .succeeded();
        String target = handoff.target();

        fault.happen(handoff);
        handoff.await(() -> !handoff.status(target).equals("CREATED"), "the task is gone");
        assertThat(content(starts)).isEmpty();
        handoff.await(() -> content(starts).equals("once\n"), "the target starts");
        handoff.awaitEnd();

        assertThat(content(starts)).isEqualTo("once\n");
        assertThat(handoff.output(target)).endsWith("said\n");
        assertThat(handoff.waiterLog()).contains("The target ended with exit code 0");
        handoff.remove();
        assertThat(Traces.of(containerd)).isEqualTo(before);
    }

    private interface Fault<T> {

        void happen(T place) throws Exception;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    /** Of the process, which is the container's first one. */
    private static long shim(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[1]);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static PrivateContainerd shared(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        containerd.add(WaitdaemonImage.archive());
        return containerd;
    }

    private static List<String> options(String... further) {
        List<String> options = new ArrayList<>(List.of(
                "--network", "host",
                "--volume", SOCKET + ":" + SOCKET,
                "--env", "CONTAINER_RUNTIME=containerd",
                "--env", "WAIT_SECONDS=0"));
        options.addAll(Arrays.asList(further));
        return options;
    }

    private static SortedSet<String> added(SortedSet<String> before, SortedSet<String> after) {
        SortedSet<String> added = new TreeSet<>(after);
        added.removeAll(before);
        return added;
    }

    /** The one error of an action that failed, whose own container the agent keeps and this takes away. */
    private static String refusal(ContainerdHandoff handoff) {
        assertThat(handoff.action().exit()).as(handoff.action().output()).isEqualTo(1);
        handoff.forgetAction();
        return LogLine.error(handoff.log()).message();
    }
}
