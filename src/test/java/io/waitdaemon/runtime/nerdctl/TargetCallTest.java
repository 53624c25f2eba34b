package io.waitdaemon.runtime.nerdctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.OwnProcess;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an action is in nerdctl's words, where no integration test shows it. */
class TargetCallTest {

    private static final String ID = "0123456789ab".repeat(5) + "0123";

    @TempDir
    private Path proc;

    @BeforeEach
    void make_a_process_without_a_network() throws IOException {
        Files.createDirectories(proc.resolve("self/net"));
        Files.writeString(proc.resolve("self/mountinfo"), "");
    }

    @Test
    void arguments_follow_a_double_dash_that_nerdctl_takes_away() {
        List<String> words = of("{}", "{}", "--", "-x", "", "two\nlines").call().arguments();

        assertThat(words).endsWith("docker.io/library/target:latest", "--", "--", "-x", "", "two\nlines");
    }

    @Test
    void addresses_names_and_ports_of_a_network_are_those_that_nerdctl_noted() {
        TargetCall call = of(
                """
                {"nerdctl/networks": "[\\"net1\\",\\"net2\\"]", "nerdctl/ip": "192.0.2.7", "nerdctl/mac-address": "02:00:00:00:00:01",
                 "nerdctl/extraHosts": "[\\"db:192.0.2.9\\"]",
                 "nerdctl/dns": "{\\"DNSServers\\":[\\"192.0.2.1\\"],\\"DNSSearchDomains\\":[\\"example\\"],\\"DNSResolvConfOptions\\":[\\"ndots:2\\"]}",
                 "nerdctl/ports": "[{\\"HostPort\\":80,\\"ContainerPort\\":8080,\\"Protocol\\":\\"tcp\\",\\"HostIP\\":\\"::1\\"}]"}
                """,
                "{\"linux\": {\"namespaces\": [{\"type\": \"network\"}, {\"type\": \"pid\"}, {\"type\": \"ipc\"}, {\"type\": \"uts\"}]}}");

        assertThat(call.call().arguments())
                .contains("--network=net1", "--network=net2", "--ip=192.0.2.7", "--mac-address=02:00:00:00:00:01")
                .contains("--add-host=db:192.0.2.9", "--dns=192.0.2.1", "--dns-search=example", "--dns-option=ndots:2")
                .contains("--publish=[::1]:80:8080/tcp")
                .noneMatch(word -> word.startsWith("--pid") || word.startsWith("--uts") || word.startsWith("--ipc"));
    }

    @Test
    void containers_that_are_joined_are_joined_again() {
        assertThat(of("""
                        {"nerdctl/networks": "[\\"container:abc\\"]", "nerdctl/pid-container": "def",
                         "nerdctl/ipc": "{\\"mode\\":\\"container\\",\\"victimContainerId\\":\\"ghi\\"}"}
                        """, """
                        {"hostname": "others", "linux": {"namespaces": [{"type": "network", "path": "/proc/7/ns/net"},
                          {"type": "pid", "path": "/proc/8/ns/pid"}, {"type": "ipc", "path": "/proc/9/ns/ipc"}, {"type": "uts"}]}}
                        """).call().arguments())
                .contains("--network=container:abc", "--pid=container:def", "--ipc=container:ghi")
                .noneMatch(word -> word.startsWith("--hostname"));
    }

    @Test
    void namespace_that_nerdctl_cannot_name_is_told() {
        assertThat(of("{}", """
                        {"linux": {"namespaces": [{"type": "network", "path": "/run/netns/x"}, {"type": "pid", "path": "/p"},
                          {"type": "uts", "path": "/u"}, {"type": "ipc"}, {"type": "user"}]}}
                        """))
                .satisfies(call -> assertThat(call.call().arguments()).contains("--network=ns:/run/netns/x"))
                .extracting(TargetCall::losses)
                .asString()
                .contains("the pid namespace at /p", "the uts namespace at /u", "the user namespace");
    }

    @Test
    void mount_with_a_colon_is_refused_and_one_with_a_comma_becomes_a_volume() {
        assertThat(of("{}", mounts("/a,b", "/c", "ro")).call().arguments()).contains("--volume=/a,b:/c:rbind,ro");
        assertThatThrownBy(() -> of("{}", mounts("/a:b", "/c", "ro")))
                .hasMessageContaining("nerdctl cannot mount \"/a:b\" at \"/c\"")
                .hasMessageContaining("use CONTAINER_RUNTIME=containerd");
    }

    @Test
    void mount_whose_source_has_gone_is_refused() throws IOException {
        Files.writeString(proc.resolve("self/mountinfo"), "1 2 0:3 /a//deleted /c rw - ext4 /dev/x rw\n");

        assertThatThrownBy(() -> of("{}", mounts("/a", "/c", "rw")))
                .hasMessageContaining("the source \"/a\" of the mount at /c has been removed");
    }

    @Test
    void options_of_mounts_are_kept_or_told() {
        TargetCall call = of("{}", mounts("/a", "/c", "ro\", \"rprivate\", \"noexec"));

        assertThat(call.call().arguments()).contains("--mount=type=bind,src=/a,dst=/c,ro,bind-propagation=rprivate");
        assertThat(call.losses()).containsExactly("the option \"noexec\" of the mount at /c");
    }

    @Test
    void limits_of_all_kinds() {
        TargetCall call = of("{}", """
                {"linux": {"cgroupsPath": "/other/%s", "resources": {
                  "cpu": {"shares": 5, "realtimePeriod": 7, "cpus": "0-1"},
                  "memory": {"limit": 100, "swappiness": 3, "disableOOMKiller": true},
                  "blockIO": {"weight": 11, "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}]},
                  "unified": {"memory.high": "9"}, "hugepageLimits": [{"pageSize": "2MB", "limit": 1}]}}}
                """.formatted(ID));

        assertThat(call.call().arguments())
                .contains(
                        "--cpu-shares=5", "--cpu-rt-period=7", "--cpuset-cpus=0-1", "--memory=100", "--memory-swap=-1")
                .contains("--memory-swappiness=3", "--oom-kill-disable", "--blkio-weight=11")
                .contains("--cgroup-conf=memory.high=9", "--cgroup-parent=/other");
        assertThat(call.losses())
                .contains("the limits \"hugepageLimits\"", "the limits \"throttleReadBpsDevice\" of block devices");
    }

    @Test
    void slice_of_systemd_is_kept_unless_it_is_the_usual_one() {
        assertThat(of("{}", "{\"linux\": {\"cgroupsPath\": \"rack.slice:nerdctl:" + ID + "\"}}")
                        .call()
                        .arguments())
                .contains("--cgroup-parent=rack.slice");
        assertThat(of("{}", "{\"linux\": {\"cgroupsPath\": \"system.slice:nerdctl:" + ID + "\"}}")
                        .call()
                        .arguments())
                .noneMatch(word -> word.startsWith("--cgroup-parent"));
    }

    @Test
    void logging_and_signals_are_those_that_nerdctl_noted() {
        assertThat(of("""
                        {"nerdctl/log-config": "{\\"driver\\":\\"journald\\",\\"opts\\":{\\"tag\\":\\"x y\\"}}",
                         "io.containerd.image.config.stop-signal": "SIGINT", "nerdctl/stop-timeout": "3"}
                        """, "{}").call().arguments())
                .contains("--log-driver=journald", "--log-opt=tag=x y", "--stop-signal=SIGINT", "--stop-timeout=3");
    }

    @Test
    void labels_of_the_user_are_kept_and_those_of_clients_and_images_are_not() {
        List<String> words = of(
                        "{\"rack\": \"-7\", \"nerdctl/other\": \"x\", \"io.containerd.x\": \"y\", \"origin\": \"image\"}",
                        "{}")
                .call()
                .arguments();

        assertThat(words)
                .contains("--label=rack=-7")
                .noneMatch(word ->
                        word.contains("nerdctl/other") || word.contains("io.containerd.x") || word.contains("origin"));
    }

    @Test
    void specification_that_nerdctl_has_no_options_for_is_told() {
        assertThat(of("{}", """
                        {"process": {"selinuxLabel": "s", "ioPriority": {"class": "IOPRIO_CLASS_RT"}},
                         "hooks": {"poststop": [{"path": "/bin/true", "args": ["true"]}, {"path": "/n", "args": ["n", "oci-hook"]}]},
                         "linux": {"namespaces": [{"type": "uts"}], "personality": {"domain": "LINUX32"}},
                         "mounts": [{"destination": "/o", "type": "overlay", "source": "overlay"}]}
                        """).losses())
                .containsExactlyInAnyOrder(
                        "the SELinux label; nerdctl gives it one of its own",
                        "\"ioPriority\"",
                        "OCI hooks that are not nerdctl's",
                        "\"personality\"",
                        "the mount of type overlay at /o");
    }

    private static String mounts(String source, String destination, String options) {
        return """
                {"linux": {"namespaces": [{"type": "uts"}]},
                 "mounts": [{"destination": "%s", "type": "bind", "source": "%s", "options": ["rbind", "%s"]}]}
                """.formatted(destination, source, options);
    }

    private TargetCall of(String labels, String spec, String... command) {
        JsonObject container = Json.PROVIDER
                .createObjectBuilder()
                .add("ID", ID)
                .add("Labels", Json.object(labels))
                .add("Runtime", Json.object("{\"Name\": \"io.containerd.runc.v2\"}"))
                .add("Process", JsonValue.NULL)
                .add("Spec", Json.object(spec))
                .build();
        ContainerFacts facts =
                new ContainerFacts(new ContainerId(ID), "action", true, 1, false, Optional.empty(), List.of());
        HandoffPlan plan = new HandoffPlan(
                facts, ImageReference.parse("target"), List.of(command), Duration.ZERO, "boot", Duration.ZERO, false);
        JsonObject ownConfig = Json.object("{\"Labels\": {\"origin\": \"image\"}}");
        try (HandedFiles files = new HandedFiles(Place.BUNDLED)) {
            return TargetCall.of(
                    new NativeContainer(container),
                    "tinkerbell",
                    ownConfig,
                    plan,
                    Place.BUNDLED,
                    new OwnProcess(proc, proc),
                    files);
        }
    }
}
