package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Does the target get, on containerd, everything that the user gave the action, and nothing else (SPEC §4, Fidelity)? The
 * whole OCI specification of the two is compared, as tink-agent writes it and as nerdctl does. A handoff takes seconds,
 * and containerd hands a specification to runc as it got it, so the rows of the tables run on the newest version alone;
 * those tests that have a version for a parameter run on all.
 */
@ResourceLock(Containerds.LOCK)
class ContainerdFidelityIT {

    private static final ContainerdVersion NEWEST = ContainerdVersion.V2_1;
    private static final List<String> NEVER = List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=target");
    private static final List<String> AT_ONCE = List.of("--env", "WAIT_SECONDS=0", "--env", "IMAGE=target");

    private static Path files = Path.of("/nonexistent");
    private static AgentRun peer;

    /**
     * Something that a user can say of a container.
     *
     * @param flags of the agent of the tests, or of nerdctl
     * @param patch of the specification, for the agent
     * @param inTarget where it shows in {@link ContainerdSettings}, and how
     */
    record Row(String name, List<String> flags, String patch, Map<String, String> inTarget) {

        Row(String name, List<String> flags, Map<String, String> inTarget) {
            this(name, flags, "{}", inTarget);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void prepare() throws IOException {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        files = Files.createDirectories(containerd.folder().resolve("fidelity"));
        Files.createDirectories(files.resolve("shared"));
        Files.writeString(files.resolve("hosts"), "127.0.0.1 written-by-the-user\n");
        // propagation other than private is refused unless the folder is a shared mount where runc runs
        String shared = files.resolve("shared").toString();
        containerd.run("mount", "--bind", shared, shared).ok();
        containerd.run("mount", "--make-shared", shared).ok();
        peer = AgentRun.begin(containerd, ImageArchive.target(), List.of("--no-cni"), "sleep", "3600");
        peer.pid();
    }

    @AfterAll
    static void clear() {
        peer.stop();
        Containerds.shared(NEWEST).ctr("containers", "rm", peer.id()).ok();
        Containerds.shared(NEWEST).run("umount", files.resolve("shared").toString());
    }

    @ParameterizedTest
    @MethodSource("agentRows")
    void target_has_the_specification_of_an_action_of_the_agent(Row row) {
        assertSame(ofAgent(Containerds.shared(NEWEST), NEVER, row, "echo", "two words"), row);
    }

    static Stream<Row> agentRows() {
        return Stream.of(rights(), limits(), namespaces(), mounts(), record()).flatMap(rows -> rows);
    }

    private static Stream<Row> rights() {
        return Stream.of(
                new Row(
                        "nothing, which is privileged",
                        List.of(),
                        Map.of("/linux/resources/devices/0/access", "rwm", "/process/noNewPrivileges", "true")),
                new Row(
                        "unprivileged",
                        List.of("--unprivileged"),
                        Map.of("/linux/maskedPaths/0", "/proc/acpi", "/process/capabilities/bounding/0", "CAP_CHOWN")),
                new Row(
                        "capabilities, rlimits and priority",
                        List.of("--unprivileged"),
                        """
                        {"process": {
                          "noNewPrivileges": false,
                          "oomScoreAdj": 500,
                          "rlimits": [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}],
                          "capabilities": {
                            "bounding": ["CAP_KILL", "CAP_NET_RAW"], "effective": ["CAP_KILL"],
                            "permitted": ["CAP_KILL", "CAP_NET_RAW"], "inheritable": ["CAP_NET_RAW"],
                            "ambient": ["CAP_NET_RAW"]}}}
                        """,
                        Map.of(
                                "/process/capabilities/ambient/0", "CAP_NET_RAW",
                                "/process/rlimits/0/type", "RLIMIT_CORE",
                                "/process/oomScoreAdj", "500")),
                new Row("seccomp", List.of(), """
                        {"linux": {"seccomp": {
                          "defaultAction": "SCMP_ACT_ALLOW",
                          "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}}}
                        """, Map.of("/linux/seccomp/syscalls/0/errnoRet", "38")),
                new Row(
                        "masked and read-only paths",
                        List.of(),
                        """
                        {"linux": {"maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/bus", "/proc/sys"]}}
                        """,
                        Map.of("/linux/maskedPaths/0", "/proc/kcore", "/linux/readonlyPaths/1", "/proc/sys")),
                new Row(
                        "a device and the rules for devices",
                        List.of("--unprivileged"),
                        """
                        {"linux": {
                          "devices": [{"path": "/dev/extra", "type": "c", "major": 1, "minor": 3, "fileMode": 432,
                            "uid": 5, "gid": 6}],
                          "resources": {"devices": [
                            {"allow": false, "access": "rwm"},
                            {"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rw"}]}}}
                        """,
                        Map.of("/linux/devices/0/fileMode", "432", "/linux/resources/devices/1/access", "rw")));
    }

    private static Stream<Row> limits() {
        return Stream.of(
                new Row(
                        "limits of resources",
                        List.of("--unprivileged"),
                        """
                        {"linux": {"resources": {
                          "memory": {"limit": 805306368},
                          "cpu": {"shares": 512, "quota": 150000, "period": 100000, "cpus": "0"},
                          "pids": {"limit": 500}}}}
                        """,
                        Map.of("/linux/resources/cpu/quota", "150000", "/linux/resources/pids/limit", "500")),
                new Row(
                        "kernel parameters",
                        List.of(),
                        "{\"linux\": {\"sysctl\": {\"net.ipv4.ip_default_ttl\": \"42\", \"kernel.msgmax\": \"8193\"}}}",
                        Map.of("/linux/sysctl/kernel.msgmax", "8193")),
                new Row(
                        "a control group of one's choice",
                        List.of(),
                        "{\"linux\": {\"cgroupsPath\": \"/tinkerbell/fidelity/action\"}}",
                        Map.of("/linux/cgroupsPath", "/tinkerbell/fidelity/action")));
    }

    private static Stream<Row> namespaces() {
        return Stream.of(
                new Row(
                        "processes, network and control groups of the host",
                        List.of("--pid", "host", "--network", "host"),
                        Map.of("/linux/namespaces/0/type", "ipc", "/linux/namespaces/2/type", "mount")),
                new Row(
                        "a control group namespace of its own",
                        List.of("--cgroupns", "private"),
                        Map.of("/linux/namespaces/5/type", "cgroup")),
                new Row(
                        "names and IPC of the host",
                        List.of("--no-cni"),
                        """
                        {"hostname": null,
                         "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "network"}]}}
                        """,
                        Map.of("/linux/namespaces/2/type", "network")),
                new Row(
                        "network and IPC of another container",
                        List.of("--no-cni"),
                        """
                        {"linux": {"namespaces": [
                           {"type": "pid"}, {"type": "mount"}, {"type": "uts"},
                           {"type": "network", "path": "/proc/%1$d/ns/net"},
                           {"type": "ipc", "path": "/proc/%1$d/ns/ipc"}]}}
                        """.formatted(peer.pid()),
                        Map.of("/linux/namespaces/3/path", "/proc/" + peer.pid() + "/ns/net")),
                new Row(
                        "a hostname of one's choice",
                        List.of(),
                        "{\"hostname\": \"chosen\", \"domainname\": \"example.org\"}",
                        Map.of("/hostname", "chosen", "/domainname", "example.org")));
    }

    private static Stream<Row> mounts() {
        return Stream.of(
                volume("ro", "rbind", "ro"),
                volume("rshared,noexec", "rbind", "rshared", "noexec", "rw"),
                volume("rslave", "rbind", "rslave", "rw"),
                new Row(
                        "one's own file over /etc/hosts",
                        List.of("--volume", files + "/hosts:/etc/hosts:ro"),
                        Map.of("/mounts/8/source", files + "/hosts", "/mounts/8/destination", "/etc/hosts")),
                new Row(
                        "none but one's own mounts, and a root that is read-only",
                        List.of("--network", "host"),
                        """
                        {"root": {"readonly": true},
                         "linux": {"rootfsPropagation": "rslave"},
                         "mounts": [
                           {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec"]},
                           {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
                           {"destination": "/run/containerd", "type": "bind", "source": "/run/containerd",
                             "options": ["rbind"]},
                           {"destination": "/tmp", "type": "tmpfs", "source": "scratch",
                             "options": ["size=32m", "mode=1777", "nodev"]}]}
                        """,
                        Map.of(
                                "/root/readonly", "true",
                                "/mounts/3/source", "scratch",
                                "/mounts/3/options/0", "size=32m",
                                "/linux/rootfsPropagation", "rslave")));
    }

    private static Row volume(String options, String... inTarget) {
        Map<String, String> expected = new java.util.HashMap<>(Map.of(
                "/mounts/8/destination",
                "/b",
                "/mounts/8/source",
                files.resolve("shared").toString()));
        for (int i = 0; i < inTarget.length; i++) {
            expected.put("/mounts/8/options/" + i, inTarget[i]);
        }
        return new Row(
                "a volume that is " + options,
                List.of("--volume", files.resolve("shared") + ":/b:" + options),
                expected);
    }

    private static Stream<Row> record() {
        return Stream.of(
                new Row("annotations and hooks", List.of("--network", "host"), """
                        {"annotations": {"rack": "7", "nerdctl/networks": "[\\"host\\"]", "nerdctl/other": "x"},
                         "hooks": {"poststop": [{"path": "/bin/true"}]}}
                        """, Map.of("/annotations/rack", "7")),
                new Row(
                        "labels",
                        List.of("--label", "rack=7", "--label", "org.example/a=b c"),
                        Map.of("/Labels/rack", "7", "/Labels/org.example/a", "b c")),
                new Row(
                        "options of the runtime",
                        List.of(
                                "--runtime",
                                "io.containerd.runc.v2",
                                "--runtime-options",
                                "{\"no_new_keyring\": true, \"root\": \"/run/containerd/other-runc\"}"),
                        Map.of(
                                "/Runtime/Name",
                                "io.containerd.runc.v2",
                                "/Runtime/Options/type_url",
                                "containerd.runc.v1.Options")));
    }

    @ParameterizedTest
    @EnumSource
    void every_version_keeps_what_the_agent_says(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        Row row = new Row(
                "a little of all",
                List.of(
                        "--pid",
                        "host",
                        "--network",
                        "host",
                        "--volume",
                        "/usr/share:/b:ro,rslave",
                        "--label",
                        "rack=7"),
                """
                {"annotations": {"rack": "7"},
                 "process": {"oomScoreAdj": 500, "rlimits": [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]},
                 "linux": {
                   "seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
                     "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]},
                   "resources": {"pids": {"limit": 500}}}}
                """,
                Map.of("/Labels/rack", "7", "/annotations/rack", "7", "/process/rlimits/0/type", "RLIMIT_CORE"));

        ComparedHandoff handoff =
                ofAgent(containerd, NEVER, row, "echo", "two words").succeeded();

        assertThat(handoff.target().getJsonObject("Spec")).doesNotContainKey("hooks");
        assertThat(parent(containerd, handoff.target()))
                .isEqualTo(parentByCtr(containerd, ImageArchive.target().reference()));
        assertSame(handoff, row);
    }

    @ParameterizedTest
    @EnumSource
    void snapshotter_of_the_action_is_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        ComparedHandoff.unpack(containerd, "native", WaitdaemonImage.archive(), ImageArchive.target());
        Row row = new Row(
                "native", List.of("--snapshotter", "native", "--pid", "host"), Map.of("/Snapshotter", "native"));

        ComparedHandoff handoff =
                ofAgent(containerd, AT_ONCE, row, "echo", "it ran").succeeded();

        assertThat(handoff.outputOfTarget()).isEqualTo("it ran\n");
        assertSame(handoff, row);
    }

    @ParameterizedTest
    @EnumSource
    void files_for_names_of_hosts_hold_what_the_action_saw_after_its_agent_took_them_away(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        String look = "cat /etc/resolv.conf /etc/hosts /etc/hostname; hostname; wc -l </proc/mounts >/dev/null";

        ComparedHandoff handoff = ofAgent(containerd, AT_ONCE, new Row("names", List.of(), Map.of()), "sh", "-c", look)
                .succeeded();

        try {
            String shortId = handoff.target().getString("ID").substring(0, 12);
            assertThat(handoff.outputOfTarget())
                    .contains("# Generated by tink-agent for container DNS\n", "ip6-localhost")
                    .contains("127.0.0.1\t" + shortId + "\n")
                    .endsWith(shortId + "\n" + shortId + "\n")
                    .doesNotContain(handoff.id().substring(0, 12));
        } finally {
            handoff.clear();
        }
    }

    @ParameterizedTest
    @EnumSource
    void privileged_action_gives_the_target_its_devices_and_capabilities(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        // what a privileged container alone may do: a device node that it makes itself, a mount, a name in sysfs
        String use = "grep CapEff /proc/self/status; mknod /tmp/null c 1 3 && echo written >/tmp/null && echo node;"
                + " mount -t tmpfs none /tmp && echo mount; dd if=/dev/zero of=/dev/full bs=1 count=0 2>/dev/null && echo device;"
                + " find /dev -xdev -type c -o -type b | grep -vE '/(pts|console)' | sort | md5sum";
        Row row = new Row("privileged", List.of("--pid", "host", "--network", "host"), Map.of());

        ComparedHandoff handoff =
                ofAgent(containerd, AT_ONCE, row, "sh", "-c", use).succeeded();

        try {
            AgentRun same = AgentRun.begin(
                    containerd, ImageArchive.target(), List.of("--pid", "host", "--network", "host"), "sh", "-c", use);
            assertThat(same.exit()).as(same.output()).isZero();
            assertThat(handoff.outputOfTarget())
                    .contains("node\n", "mount\n", "device\n")
                    .isEqualTo(same.output());
        } finally {
            handoff.clear();
        }
    }

    @ParameterizedTest
    @MethodSource("nerdctlRows")
    void target_has_the_specification_of_an_action_of_nerdctl(Row row) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(NEVER);
        options.addAll(row.flags());

        assertSame(ComparedHandoff.ofNerdctl(containerd, options, "echo", "two words"), row);
    }

    static Stream<Row> nerdctlRows() {
        return Stream.of(
                new Row(
                        "nothing",
                        List.of("--network", "none"),
                        Map.of("/linux/seccomp/defaultAction", "SCMP_ACT_ERRNO")),
                new Row("bridge", List.of(), Map.of("/process/capabilities/bounding/0", "CAP_CHOWN")),
                new Row(
                        "mounts",
                        List.of(
                                "--network",
                                "host",
                                "--volume",
                                files + "/hosts:/etc/hosts",
                                "--volume",
                                files + "/shared:/b:ro,rslave",
                                "--tmpfs",
                                "/scratch:noexec,size=1m",
                                "--mount",
                                "type=tmpfs,destination=/more,tmpfs-size=1m",
                                "--shm-size",
                                "3m",
                                "--read-only"),
                        Map.of("/root/readonly", "true")),
                new Row(
                        "rights and limits",
                        List.of(
                                "--network",
                                "none",
                                "--cap-add",
                                "SYS_ADMIN",
                                "--cap-drop",
                                "CHOWN",
                                "--ulimit",
                                "core=0:0",
                                "--sysctl",
                                "net.ipv4.ip_default_ttl=42",
                                "--memory",
                                "768m",
                                "--pids-limit",
                                "500",
                                "--device",
                                "/dev/null:/dev/extra:rw",
                                "--security-opt",
                                "no-new-privileges"),
                        Map.of(
                                "/linux/sysctl/net.ipv4.ip_default_ttl", "42",
                                "/process/rlimits/0/type", "RLIMIT_CORE",
                                "/process/noNewPrivileges", "true",
                                "/linux/resources/memory/limit", "805306368")),
                new Row(
                        "names",
                        List.of("--network", "none", "--hostname", "chosen", "--label", "rack=7", "--env", "A=b"),
                        Map.of("/hostname", "chosen", "/Labels/rack", "7")),
                new Row(
                        "privileged and on the host",
                        List.of("--privileged", "--network", "host", "--pid", "host"),
                        Map.of("/Snapshotter", "overlayfs")),
                new Row("terminal", List.of("--network", "none", "--tty"), Map.of("/process/terminal", "true")));
    }

    @ParameterizedTest
    @EnumSource
    void terminal_of_an_action_is_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(AT_ONCE);
        options.addAll(List.of("--network", "none", "--tty"));

        ComparedHandoff handoff =
                ComparedHandoff.ofNerdctl(containerd, options, "tty").succeeded();

        try {
            assertThat(handoff.outputOfTarget()).contains("/dev/pts/0");
        } finally {
            handoff.clear();
        }
    }

    /**
     * How the process of the target is made of the configurations of its image and of the action.
     *
     * @param process {@code args}, {@code env}, {@code cwd} and {@code user} of the target
     */
    record Merged(String name, String image, List<String> flags, List<String> arguments, String patch, String process) {

        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource
    void process_of_the_target_is_its_images_and_the_actions(Merged merged) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        ComparedHandoff handoff = merge(containerd, merged);

        try {
            JsonObject process =
                    handoff.succeeded().target().getJsonObject("Spec").getJsonObject("process");
            assertThat(Json.createObjectBuilder()
                            .add("args", process.get("args"))
                            .add("env", process.get("env"))
                            .add("cwd", process.get("cwd"))
                            .add("user", process.get("user"))
                            .build())
                    .isEqualTo(json(merged.process()));
        } finally {
            handoff.clear();
        }
    }

    static Stream<Merged> process_of_the_target_is_its_images_and_the_actions() {
        String configured = """
                {"Env": ["PATH=/image:/bin", "GREETING=hello", "SHARED=image"], "Entrypoint": ["/bin/show"],
                 "Cmd": ["default", "two words"], "WorkingDir": "/srv/app", "User": "app"}
                """;
        return Stream.of(
                new Merged("all of the image", configured, List.of(), List.of(), "{}", """
                        {"args": ["/bin/show", "default", "two words"],
                         "env": ["PATH=/image:/bin", "GREETING=hello", "SHARED=image", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged"],
                         "cwd": "/srv/app", "user": {"uid": 1000, "gid": 1000, "additionalGids": [1000]}}
                        """),
                new Merged(
                        "arguments and environment of the action",
                        configured,
                        List.of("--env", "SHARED=action", "--env", "EMPTY=", "--env", "WAITDAEMON_LOG_FORMAT=text"),
                        List.of("one", "", "-Dx=y"),
                        "{}",
                        """
                        {"args": ["/bin/show", "one", "", "-Dx=y"],
                         "env": ["PATH=/image:/bin", "GREETING=hello", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged", "SHARED=action", "EMPTY="],
                         "cwd": "/srv/app", "user": {"uid": 1000, "gid": 1000, "additionalGids": [1000]}}
                        """),
                new Merged(
                        "user, folder and PATH of the action",
                        configured,
                        List.of("--env", "PATH=/action:/bin"),
                        List.of(),
                        """
                        {"process": {"cwd": "/tmp", "user": {"uid": 1001, "gid": 0, "additionalGids": [44]}}}
                        """,
                        """
                        {"args": ["/bin/show", "default", "two words"],
                         "env": ["GREETING=hello", "SHARED=image", "PATH=/action:/bin", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged"],
                         "cwd": "/tmp", "user": {"uid": 1001, "gid": 0, "additionalGids": [44]}}
                        """),
                new Merged("nothing but a command", "{\"Cmd\": [\"true\"]}", List.of(), List.of("ls", "-l"), "{}", """
                        {"args": ["ls", "-l"],
                         "env": ["CONTAINER_RUNTIME=containerd", "WAIT_SECONDS=600", "IMAGE=merged",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                         "cwd": "/", "user": {"uid": 0, "gid": 0, "additionalGids": [0]}}
                        """),
                new Merged(
                        "nothing but an entrypoint",
                        "{\"Entrypoint\": [\"/bin/show\"], \"User\": \"7:nogroup\"}",
                        List.of("--env", "HOSTNAME=user"),
                        List.of(),
                        "{}",
                        """
                        {"args": ["/bin/show"],
                         "env": ["CONTAINER_RUNTIME=containerd", "WAIT_SECONDS=600", "IMAGE=merged", "HOSTNAME=user",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                         "cwd": "/", "user": {"uid": 7, "gid": 65534, "additionalGids": [65534]}}
                        """));
    }

    @ParameterizedTest
    @EnumSource
    void hostname_that_nerdctl_put_into_the_environment_is_not_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(NEVER);
        options.addAll(List.of("--network", "none", "--env", "A=b", "--workdir", "/tmp", "--user", "0:7"));

        ComparedHandoff handoff =
                ComparedHandoff.ofNerdctl(containerd, options, "true").succeeded();

        try {
            JsonObject process = handoff.target().getJsonObject("Spec").getJsonObject("process");
            assertThat(process.get("env"))
                    .hasToString("[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
                            + "\"CONTAINER_RUNTIME=containerd\",\"WAIT_SECONDS=600\",\"IMAGE=target\",\"A=b\"]");
            assertThat(process.getString("cwd")).isEqualTo("/tmp");
            assertThat(process.getJsonObject("user").getInt("gid")).isEqualTo(7);
        } finally {
            handoff.clear();
        }
    }

    /** Is the image's own file for names of users read where it lies, in whatever form its layers have? */
    @ParameterizedTest
    @EnumSource
    void user_of_the_image_is_looked_up_in_its_uppermost_files(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        JsonObject config = json("{\"Entrypoint\": [\"/bin/show\"], \"User\": \"app\", \"Env\": [\"PATH=/bin\"]}");
        Map<String, String> upper = Map.of("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1234:1000::/:/bin/sh\n");

        for (boolean compressed : List.of(false, true)) {
            ImageArchive image =
                    ImageArchive.layered("layered:" + (compressed ? "gzip" : "tar"), config, upper, compressed);
            containerd.add(image);
            Row row = new Row("user", List.of("--env", "IMAGE=" + image.reference()), Map.of());

            ComparedHandoff handoff = ofAgent(containerd, AT_ONCE, row).succeeded();

            try {
                // the user from the upper layer, the group from the lower one; and all layers are below the container
                assertThat(handoff.target()
                                .getJsonObject("Spec")
                                .getJsonObject("process")
                                .getJsonObject("user"))
                        .hasToString("{\"uid\":1234,\"gid\":1000,\"additionalGids\":[1000]}");
                assertThat(parent(containerd, handoff.target())).isEqualTo(parentByCtr(containerd, image.reference()));
                assertThat(handoff.outputOfTarget()).startsWith("user=1234:1000\nfolder=/\n");
            } finally {
                handoff.clear();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Cmd\": [\"true\"], \"User\": \"stranger\"} | user \"stranger\" is not in its /etc/passwd",
                "{\"Cmd\": [\"true\"], \"User\": \"app:strangers\"} | \"app:strangers\" is not in its /etc/group",
                "{\"User\": \"app\"} | has neither an entrypoint nor a command",
                "{\"Cmd\": [\"/no/such/file\"]} | /no/such/file"
            })
    void image_that_cannot_run_fails_the_action_and_leaves_nothing(String imageAndReason) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        String[] parts = imageAndReason.split(" \\| ", 2);
        containerd.add(WaitdaemonImage.archive());
        containerd.add(ImageArchive.with("merged:latest", json(parts[0])));
        Inventory before = containerd.inventory();

        ComparedHandoff handoff = merge(containerd, new Merged("bad", parts[0], List.of(), List.of(), "{}", ""));

        assertThat(handoff.exit()).isEqualTo(1);
        assertThat(handoff.log()).contains(parts[1].replace("\"", "\\\"")).doesNotContain("\\tat ");
        handoff.clear();
        assertThat(containerd.inventory())
                .usingRecursiveComparison()
                .ignoringFields("leases")
                .isEqualTo(before);
    }

    private static ComparedHandoff merge(PrivateContainerd containerd, Merged merged) {
        containerd.ctr("images", "rm", "--sync", "docker.io/library/merged:latest");
        containerd.add(ImageArchive.with("merged:latest", json(merged.image())));
        List<String> options = new ArrayList<>(ComparedHandoff.MOUNTED);
        options.addAll(List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=merged"));
        options.addAll(merged.flags());
        options.addAll(List.of("--spec-patch", file(containerd, merged.patch())));
        return ComparedHandoff.ofAgent(containerd, options, merged.arguments().toArray(String[]::new));
    }

    private static ComparedHandoff ofAgent(
            PrivateContainerd containerd, List<String> environment, Row row, String... args) {
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(ComparedHandoff.MOUNTED);
        options.addAll(environment);
        options.addAll(row.flags());
        options.addAll(List.of("--spec-patch", file(containerd, row.patch())));
        return ComparedHandoff.ofAgent(containerd, options, args);
    }

    private static void assertSame(ComparedHandoff handoff, Row row) {
        try {
            handoff.succeeded();
            Map<String, String> ofTarget = settings(handoff, handoff.target());
            assertThat(ofTarget).containsAllEntriesOf(row.inTarget());
            assertThat(ofTarget).isEqualTo(settings(handoff, handoff.action()));
        } finally {
            handoff.clear();
        }
    }

    private static Map<String, String> settings(ComparedHandoff handoff, JsonObject container) {
        JsonObject imageLabels = json(handoff.containerd()
                .nerdctl("image", "inspect", "--format", "{{json .Config.Labels}}", WaitdaemonImage.NAME)
                .ok()
                .out());
        return ContainerdSettings.of(container, imageLabels);
    }

    /** What the snapshot of a container is made on. */
    private static String parent(PrivateContainerd containerd, JsonObject container) {
        return json(containerd
                        .ctr("snapshots", "info", container.getString("SnapshotKey"))
                        .ok()
                        .out())
                .getString("Parent", "");
    }

    private static String parentByCtr(PrivateContainerd containerd, String image) {
        containerd.ctr("containers", "create", image, "parent").ok();
        try {
            return json(containerd.ctr("snapshots", "info", "parent").ok().out())
                    .getString("Parent");
        } finally {
            containerd.ctr("containers", "rm", "parent").ok();
        }
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    private static String file(PrivateContainerd containerd, String text) {
        try {
            return Files.writeString(Files.createTempFile(containerd.folder(), "patch", ".json"), text)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
