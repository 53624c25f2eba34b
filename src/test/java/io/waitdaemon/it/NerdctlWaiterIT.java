package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is the waiter that nerdctl makes given, and what does it do that no other runtime's has to? */
@ResourceLock(Containerds.LOCK)
class NerdctlWaiterIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @BeforeAll
    static void prepare() {
        machine().add(ImageArchive.target());
    }

    private static PrivateContainerd machine() {
        return Containerds.sharedMachine();
    }

    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL", "HOST_NERDCTL"})
    void waiter_has_nothing_but_what_its_nerdctl_takes(ContainerdRoute route) {
        ComparedHandoff handoff = handOff(
                route, List.of("--env", "TOKEN=hush-hush", "--label", "rack=7", "--env", "WAIT_SECONDS=600"), "true");
        try {
            JsonObject waiter = handoff.succeeded().waiter();
            JsonObject spec = waiter.getJsonObject("Spec");
            JsonObject process = spec.getJsonObject("process");
            List<String> namespaces =
                    spec.getJsonObject("linux").getJsonArray("namespaces").getValuesAs(JsonObject.class).stream()
                            .map(namespace -> namespace.getString("type"))
                            .toList();

            assertThat(spec.toString()).doesNotContain("TOKEN", "hush-hush");
            assertThat(waiter.getJsonObject("Labels")).doesNotContainKey("rack");
            assertThat(spec.getJsonObject("root").getBoolean("readonly")).isTrue();
            assertThat(process.getBoolean("noNewPrivileges")).isTrue();
            assertThat(waiter.getJsonObject("Labels").getString("nerdctl/networks"))
                    .isEqualTo("[\"none\"]");
            assertThat(spec.getJsonObject("linux")).containsKey("seccomp");
            if (route == ContainerdRoute.BUNDLED_NERDCTL) {
                assertThat(capabilities(process)).isEmpty();
                assertThat(mounts(spec))
                        .containsExactlyInAnyOrder("/run/containerd/containerd.sock", "/var/lib/nerdctl");
                assertThat(namespaces).contains("pid", "ipc", "uts", "mount", "network");
            } else {
                assertThat(capabilities(process))
                        .containsExactlyInAnyOrder("CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE");
                assertThat(mounts(spec)).isEmpty();
                assertThat(namespaces)
                        .contains("ipc", "uts", "mount", "network")
                        .doesNotContain("pid");
                assertThat(handoff.log()).contains("pid host, SYS_ADMIN, SYS_CHROOT, SYS_PTRACE");
            }
        } finally {
            handoff.clear();
        }
    }

    /** containerd forgets the end of a task that it did not see. The logger of nerdctl 2.2 ends with containerd, so no log tells. */
    @ParameterizedTest
    @EnumSource(names = {"BUNDLED_NERDCTL", "HOST_NERDCTL"})
    void target_that_ended_while_containerd_was_away_is_not_started_again(ContainerdRoute route) throws IOException {
        Path folder = Files.createTempDirectory(machine().folder(), "runs");
        String script = "echo run >> /out/runs; until [ -e /out/end ]; do sleep 0.05; done; echo > /out/ended";
        ComparedHandoff handoff =
                handOff(route, List.of("--env", "WAIT_SECONDS=0", "--volume", folder + ":/out"), "sh", "-c", script);
        try {
            handoff.succeeded();
            ContainerdHandoffs.await(SOON, () -> Files.exists(folder.resolve("runs")), handoff::log);

            PrivateContainerd containerd = machine();
            containerd.kill();
            Files.createFile(folder.resolve("end"));
            ContainerdHandoffs.await(SOON, () -> Files.exists(folder.resolve("ended")), handoff::log);
            containerd.start();

            String waiter = handoff.made("waiter").getFirst();
            ContainerdHandoffs.await(SOON, () -> state(waiter).equals("exited 0"), () -> state(waiter) + handoff.log());
            assertThat(Files.readAllLines(folder.resolve("runs"))).hasSize(1);
        } finally {
            handoff.clear();
        }
    }

    private static String state(String container) {
        return machine()
                .nerdctl("inspect", "--format={{.State.Status}} {{.State.ExitCode}}", container)
                .out()
                .strip();
    }

    private static List<String> capabilities(JsonObject process) {
        JsonObject capabilities = process.getJsonObject("capabilities");
        return capabilities.containsKey("bounding")
                ? capabilities.getJsonArray("bounding").getValuesAs(JsonString.class).stream()
                        .map(JsonString::getString)
                        .toList()
                : List.of();
    }

    /** What was mounted besides nerdctl's own files for names of hosts. */
    private static List<String> mounts(JsonObject spec) {
        return spec.getJsonArray("mounts").getValuesAs(JsonObject.class).stream()
                .filter(mount -> mount.getString("source", "").startsWith("/"))
                .map(mount -> mount.getString("destination"))
                .filter(destination -> !destination.startsWith("/etc/"))
                .toList();
    }

    private static ComparedHandoff handOff(ContainerdRoute route, List<String> further, String... command) {
        List<String> options = new ArrayList<>(route.options(machine(), true));
        options.addAll(List.of("--env", "IMAGE=target"));
        options.addAll(further);
        return ComparedHandoff.ofAgent(machine(), route, options, command);
    }
}
