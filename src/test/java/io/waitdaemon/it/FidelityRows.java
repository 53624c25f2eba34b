package io.waitdaemon.it;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a user can say of a container on containerd, a row each, for the tests of what a target gets of it.
 *
 * @param files the user's, on the engine's machine
 * @param peer a container that runs, for others to join
 */
record FidelityRows(PrivateContainerd containerd, Path files, AgentRun peer) implements AutoCloseable {

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

    /** With all that the rows need on this engine. */
    static FidelityRows on(PrivateContainerd containerd) {
        try {
            Path files = Files.createDirectories(containerd.folder().resolve("fidelity"));
            Path shared = Files.createDirectories(files.resolve("shared"));
            Files.writeString(files.resolve("hosts"), "127.0.0.1 written-by-the-user\n");
            // propagation other than private is refused unless the folder is a shared mount where runc runs
            containerd
                    .run("mount", "--bind", shared.toString(), shared.toString())
                    .ok();
            containerd.run("mount", "--make-shared", shared.toString()).ok();
            AgentRun peer = AgentRun.begin(containerd, ImageArchive.target(), List.of("--no-cni"), "sleep", "3600");
            peer.pid();
            return new FidelityRows(containerd, files, peer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        peer.stop();
        containerd.ctr("containers", "rm", peer.id()).ok();
        containerd.run("umount", files.resolve("shared").toString());
    }

    /** Of actions that are made as tink-agent makes them. */
    Stream<Row> ofAgent() {
        return Stream.of(rights(), limits(), namespaces(), mounts(), record()).flatMap(rows -> rows);
    }

    private Stream<Row> rights() {
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

    private Stream<Row> limits() {
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

    private Stream<Row> namespaces() {
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

    private Stream<Row> mounts() {
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

    private Row volume(String options, String... inTarget) {
        Map<String, String> expected = new HashMap<>(Map.of(
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

    private Stream<Row> record() {
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

    /** Of actions that nerdctl makes. */
    Stream<Row> ofNerdctl() {
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
}
