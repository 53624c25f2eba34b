package io.waitdaemon.it;

import static io.waitdaemon.it.Setting.flags;
import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Does the target get everything that the user gave the action, and nothing else (SPEC §4, Fidelity)? */
@ResourceLock(Engine.LOCK)
class FidelityIT {

    private static final List<String> NEVER = List.of("--env", "WAIT_SECONDS=600");
    private static final String FIRST = "fidelity-first";
    private static final String SECOND = "fidelity-second";

    /** A legal name on Linux, and that of a network of every engine on Windows. */
    private static final String THIRD = "nat";

    private static final Agent agent = new Agent(Engine.shared());
    private static final DockerCli docker = agent.docker();
    private static final Map<String, JsonObject> images = new HashMap<>();
    private static final Path files = agent.engine().folder().resolve("fidelity");

    @BeforeAll
    static void prepare() throws IOException, InterruptedException {
        docker.ok("network", "create", "--subnet", agent.engine().subnet(10), FIRST);
        docker.ok("network", "create", "--subnet", agent.engine().subnet(11), SECOND);
        docker.ok("network", "create", "--subnet", agent.engine().subnet(12), THIRD);
        peer("fidelity-peer", "--hostname", "peer-host", "--ipc", "shareable");
        peer("fidelity-network-peer", "--network", FIRST);
        docker.ok("create", "--name", "fidelity-volumes", "--volume", "fidelity:/from/peer", "target");
        docker.ok("run", "--rm", "--volume", "fidelity:/v", "target", "sh", "-c", "echo kept >/v/file");
        Files.createDirectories(files.resolve("shared"));
        Files.writeString(files.resolve("file"), "127.0.0.1 written-by-the-user\n");
        Files.writeString(files.resolve("seccomp.json"), "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
        // propagation other than private is refused unless the folder is a shared mount
        String shared = files.resolve("shared").toString();
        mount("mount", "--bind", shared, shared);
        mount("mount", "--make-shared", shared);
    }

    @AfterAll
    static void clear() throws IOException, InterruptedException {
        docker.run("rm", "--force", "--volumes", "fidelity-peer", "fidelity-network-peer", "fidelity-volumes");
        docker.run("network", "rm", FIRST, SECOND, THIRD);
        mount("umount", files.resolve("shared").toString());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void target_is_created_with_all_that_the_action_was_given(Setting setting) {
        String name = Agent.newName("fidelity");
        List<String> options = new ArrayList<>(NEVER);
        options.addAll(setting.flags());

        Action action = agent.run(name, options, "echo", "two words").succeeded();

        assertSameSettings(action, setting.inTarget());
        action.forceRemoveAll();
    }

    static Stream<Setting> settings() {
        return Stream.of(
                        nothing(),
                        networks(),
                        ports(),
                        names(),
                        mounts(),
                        devicesAndRights(),
                        limits(),
                        namespaces(),
                        process(),
                        environment())
                .flatMap(group -> group);
    }

    private static Stream<Setting> nothing() {
        return Stream.of(new Setting(
                "nothing",
                List.of(),
                Map.of("/Config/Cmd/0", "echo", "/Config/Cmd/1", "two words", "/Config/Env/IMAGE=target", "set")));
    }

    private static Stream<Setting> networks() {
        String address = address(10, 77);
        return Stream.of(
                new Setting(
                        "user network with a fixed address",
                        flags("--network", FIRST, "--ip", address),
                        Map.of("/HostConfig/NetworkMode", FIRST, network(FIRST, "IPAMConfig/IPv4Address"), address)),
                new Setting(
                        "user network with an alias",
                        flags("--network", FIRST, "--network-alias", "me"),
                        Map.of(network(FIRST, "Aliases/0"), "me")),
                new Setting(
                        "user network with aliases that a container id may begin with",
                        aliasesOfOneDigit(),
                        Map.of(network(FIRST, "Aliases/0"), "0", network(FIRST, "Aliases/15"), "f")),
                new Setting(
                        "user network with a fixed address and an alias",
                        flags("--network", FIRST, "--ip", address, "--network-alias", "me"),
                        Map.of(network(FIRST, "IPAMConfig/IPv4Address"), address, network(FIRST, "Aliases/0"), "me")),
                new Setting(
                        "user network by its id",
                        flags("--network", networkId(FIRST), "--ip", address),
                        Map.of(network(FIRST, "IPAMConfig/IPv4Address"), address)),
                new Setting(
                        "user network with a link-local address",
                        flags("--network", FIRST, "--link-local-ip", "169.254.7.7"),
                        Map.of(network(FIRST, "IPAMConfig/LinkLocalIPs/0"), "169.254.7.7")),
                new Setting(
                        "user network whose name is predefined elsewhere",
                        flags("--network", THIRD, "--ip", address(12, 77), "--network-alias", "me"),
                        Map.of(
                                network(THIRD, "IPAMConfig/IPv4Address"),
                                address(12, 77),
                                network(THIRD, "Aliases/0"),
                                "me")),
                new Setting(
                        "link on a user network",
                        flags("--network", FIRST, "--link", "fidelity-network-peer:friend"),
                        Map.of(network(FIRST, "Links/0"), "fidelity-network-peer:friend")),
                new Setting(
                        "link on the default bridge",
                        flags("--link", "fidelity-peer:friend"),
                        Map.of("/HostConfig/Links/0", "/fidelity-peer:/(itself)/friend")),
                new Setting("host network", flags("--network", "host"), Map.of("/HostConfig/NetworkMode", "host")),
                new Setting("no network", flags("--network", "none"), Map.of("/HostConfig/NetworkMode", "none")),
                new Setting(
                        "default bridge by its name",
                        flags("--network", "bridge"),
                        Map.of("/HostConfig/NetworkMode", "bridge", "/Networks/bridge", "attached")),
                new Setting(
                        "network of another container",
                        flags("--network", "container:fidelity-peer"),
                        Map.of("/HostConfig/NetworkMode", "container:" + id("fidelity-peer"))));
    }

    private static Stream<Setting> ports() {
        return Stream.of(
                new Setting(
                        "published port",
                        flags("--publish", "27411:80"),
                        Map.of(
                                "/HostConfig/PortBindings/80/tcp/0/HostPort",
                                "27411",
                                "/Config/ExposedPorts/80/tcp",
                                "{}")),
                new Setting(
                        "published ports, a range each",
                        flags("--publish", "27412-27413:90-91", "--publish", "27420-27429:99"),
                        Map.of(
                                "/HostConfig/PortBindings/91/tcp/0/HostPort",
                                "27413",
                                "/HostConfig/PortBindings/99/tcp/0/HostPort",
                                "27420-27429")),
                new Setting(
                        "published UDP port on one address",
                        flags("--publish", "127.0.0.1:27414:69/udp"),
                        Map.of(
                                "/HostConfig/PortBindings/69/udp/0/HostIp",
                                "127.0.0.1",
                                "/HostConfig/PortBindings/69/udp/0/HostPort",
                                "27414")),
                new Setting(
                        "all exposed ports published",
                        flags("--publish-all", "--expose", "7000-7001"),
                        Map.of("/HostConfig/PublishAllPorts", "true", "/Config/ExposedPorts/7001/tcp", "{}")));
    }

    private static Stream<Setting> names() {
        return Stream.of(
                new Setting(
                        "DNS",
                        flags("--dns", "192.0.2.1", "--dns-search", "example.org", "--dns-option", "ndots:2"),
                        Map.of(
                                "/HostConfig/Dns/0",
                                "192.0.2.1",
                                "/HostConfig/DnsSearch/0",
                                "example.org",
                                "/HostConfig/DnsOptions/0",
                                "ndots:2")),
                new Setting(
                        "extra host",
                        flags("--add-host", "tink:192.0.2.2"),
                        Map.of("/HostConfig/ExtraHosts/0", "tink:192.0.2.2")),
                new Setting(
                        "hostname and domain",
                        flags("--hostname", "chosen", "--domainname", "example.org"),
                        Map.of("/Config/Hostname", "chosen", "/Config/Domainname", "example.org")),
                new Setting(
                        "hostname on the host's network",
                        flags("--network", "host", "--hostname", "chosen"),
                        Map.of("/Config/Hostname", "chosen", "/HostConfig/NetworkMode", "host")),
                new Setting("host's UTS namespace", flags("--uts", "host"), Map.of("/HostConfig/UTSMode", "host")),
                new Setting(
                        "host's UTS namespace and network",
                        flags("--uts", "host", "--network", "host"),
                        Map.of("/HostConfig/UTSMode", "host", "/HostConfig/NetworkMode", "host")));
    }

    private static Stream<Setting> mounts() {
        String file = files.resolve("file").toString();
        return Stream.of(
                new Setting(
                        "tmpfs",
                        flags("--tmpfs", "/scratch:rw,noexec,size=1m,mode=1770"),
                        Map.of("/HostConfig/Tmpfs//scratch", "rw,noexec,size=1m,mode=1770")),
                new Setting(
                        "tmpfs as a mount",
                        flags("--mount", "type=tmpfs,destination=/scratch,tmpfs-size=1m,tmpfs-mode=700"),
                        Map.of(
                                "/HostConfig/Mounts/0/TmpfsOptions/SizeBytes",
                                "1048576",
                                "/HostConfig/Mounts/0/TmpfsOptions/Mode",
                                "448")),
                new Setting(
                        "named volume",
                        flags("--volume", "fidelity:/v:ro"),
                        Map.of("/HostConfig/Binds/fidelity:/v:ro", "set", "/Mounts//v/Name", "fidelity")),
                new Setting(
                        "anonymous volume",
                        flags("--volume", "/v"),
                        Map.of("/Config/Volumes//v", "{}", "/Mounts//v/Type", "volume")),
                new Setting(
                        "volume without a copy of what the image has there",
                        flags("--mount", "type=volume,source=fidelity-nocopy,destination=/v,volume-nocopy"),
                        Map.of(
                                "/HostConfig/Mounts/0/VolumeOptions/NoCopy",
                                "true",
                                "/Mounts//v/Name",
                                "fidelity-nocopy")),
                new Setting(
                        "volume with a driver, its options and labels",
                        flags(
                                "--mount",
                                "type=volume,source=fidelity-driver,destination=/v,volume-driver=local"
                                        + ",volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=rack=7"),
                        Map.of(
                                "/HostConfig/Mounts/0/VolumeOptions/DriverConfig/Options/type",
                                "tmpfs",
                                "/HostConfig/Mounts/0/VolumeOptions/Labels/rack",
                                "7")),
                new Setting(
                        "anonymous volume as a mount",
                        flags("--mount", "type=volume,destination=/v"),
                        Map.of("/HostConfig/Mounts/0/Target", "/v", "/Mounts//v/Type", "volume")),
                new Setting(
                        "volume driver",
                        flags("--volume-driver", "local", "--volume", "fidelity:/v"),
                        Map.of("/HostConfig/VolumeDriver", "local")),
                new Setting(
                        "volumes of another container",
                        flags("--volumes-from", "fidelity-volumes:ro"),
                        Map.of(
                                "/HostConfig/VolumesFrom/0",
                                "fidelity-volumes:ro",
                                "/Mounts//from/peer/Name",
                                "fidelity",
                                "/Mounts//from/peer/RW",
                                "false")),
                propagation("rshared"),
                propagation("rslave"),
                propagation("private"),
                new Setting(
                        "bind of a file, not of what is mounted below it",
                        flags("--mount", "type=bind,source=" + files + ",destination=/b,readonly,bind-nonrecursive"),
                        Map.of(
                                "/HostConfig/Mounts/0/BindOptions/NonRecursive",
                                "true",
                                "/HostConfig/Mounts/0/ReadOnly",
                                "true")),
                new Setting(
                        "binds with modes",
                        flags(
                                "--volume",
                                files + "/shared:/ro:ro,z",
                                "--volume",
                                files + "/shared:/slave:rslave",
                                "--volume",
                                "fidelity-nocopy:/nocopy:nocopy"),
                        Map.of(
                                "/HostConfig/Binds/" + files + "/shared:/ro:ro,z",
                                "set",
                                "/HostConfig/Binds/fidelity-nocopy:/nocopy:nocopy",
                                "set",
                                "/Mounts//slave/Propagation",
                                "rslave")),
                new Setting(
                        "binds over the files that the engine makes",
                        flags(
                                "--volume",
                                file + ":/etc/hosts",
                                "--volume",
                                file + ":/etc/hostname:ro",
                                "--volume",
                                file + ":/etc/resolv.conf"),
                        Map.of(
                                "/Mounts//etc/hosts/Source",
                                file,
                                "/Mounts//etc/hostname/Source",
                                file,
                                "/Mounts//etc/resolv.conf/Source",
                                file)),
                new Setting("read-only root", flags("--read-only"), Map.of("/HostConfig/ReadonlyRootfs", "true")));
    }

    private static Setting propagation(String propagation) {
        return new Setting(
                "bind that is " + propagation,
                flags(
                        "--mount",
                        "type=bind,source=" + files + "/shared,destination=/b,bind-propagation=" + propagation),
                Map.of(
                        "/HostConfig/Mounts/0/BindOptions/Propagation",
                        propagation,
                        "/Mounts//b/Propagation",
                        propagation));
    }

    private static Stream<Setting> devicesAndRights() {
        return Stream.of(
                new Setting(
                        "device with permissions",
                        flags("--device", "/dev/null:/dev/other:r"),
                        Map.of(
                                "/HostConfig/Devices/0/PathInContainer",
                                "/dev/other",
                                "/HostConfig/Devices/0/CgroupPermissions",
                                "r")),
                new Setting(
                        "device rule",
                        flags("--device-cgroup-rule", "c 42:* rmw"),
                        Map.of("/HostConfig/DeviceCgroupRules/0", "c 42:* rmw")),
                new Setting(
                        "capabilities added",
                        flags("--cap-add", "NET_ADMIN", "--cap-add", "CAP_SYS_TIME"),
                        Map.of("/HostConfig/CapAdd/0", "CAP_NET_ADMIN", "/HostConfig/CapAdd/1", "CAP_SYS_TIME")),
                new Setting(
                        "capabilities dropped",
                        flags("--cap-drop", "mknod", "--cap-drop", "CAP_NET_RAW"),
                        Map.of("/HostConfig/CapDrop/0", "CAP_MKNOD", "/HostConfig/CapDrop/1", "CAP_NET_RAW")),
                new Setting(
                        "every capability dropped",
                        flags("--cap-drop", "ALL", "--cap-add", "DAC_OVERRIDE"),
                        Map.of("/HostConfig/CapDrop/0", "ALL", "/HostConfig/CapAdd/0", "CAP_DAC_OVERRIDE")),
                new Setting(
                        "seccomp unconfined",
                        flags("--security-opt", "seccomp=unconfined"),
                        Map.of("/HostConfig/SecurityOpt/0", "seccomp=unconfined")),
                new Setting(
                        "seccomp profile",
                        flags("--security-opt", "seccomp=" + files + "/seccomp.json"),
                        Map.of("/HostConfig/SecurityOpt/0", "seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}")),
                new Setting(
                        "no new privileges",
                        flags("--security-opt", "no-new-privileges"),
                        Map.of("/HostConfig/SecurityOpt/0", "no-new-privileges")),
                new Setting(
                        "AppArmor unconfined",
                        flags("--security-opt", "apparmor=unconfined"),
                        Map.of("/HostConfig/SecurityOpt/0", "apparmor=unconfined")),
                new Setting(
                        "user and groups",
                        flags("--user", "0:5", "--group-add", "44", "--group-add", "45"),
                        Map.of("/Config/User", "0:5", "/HostConfig/GroupAdd/1", "45")));
    }

    private static Stream<Setting> limits() {
        List<Setting> limits = new ArrayList<>(List.of(
                new Setting(
                        "ulimits",
                        flags("--ulimit", "nofile=1000:2000", "--ulimit", "core=0"),
                        Map.of("/HostConfig/Ulimits/1/Hard", "2000", "/HostConfig/Ulimits/1/Soft", "1000")),
                new Setting(
                        "sysctls",
                        flags("--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.msgmax=9000"),
                        Map.of(
                                "/HostConfig/Sysctls/net.ipv4.ip_forward",
                                "1",
                                "/HostConfig/Sysctls/kernel.msgmax",
                                "9000")),
                new Setting(
                        "memory",
                        flags("--memory", "640m", "--memory-swap", "800m", "--memory-reservation", "100m"),
                        Map.of(
                                "/HostConfig/Memory",
                                "671088640",
                                "/HostConfig/MemorySwap",
                                "838860800",
                                "/HostConfig/MemoryReservation",
                                "104857600")),
                new Setting(
                        "processors",
                        flags("--cpus", "1.5", "--cpu-shares", "512", "--cpuset-cpus", "0", "--cpuset-mems", "0"),
                        Map.of(
                                "/HostConfig/NanoCpus",
                                "1500000000",
                                "/HostConfig/CpuShares",
                                "512",
                                "/HostConfig/CpusetCpus",
                                "0",
                                "/HostConfig/CpusetMems",
                                "0")),
                new Setting(
                        "processor quota",
                        flags("--cpu-period", "50000", "--cpu-quota", "60000"),
                        Map.of("/HostConfig/CpuPeriod", "50000", "/HostConfig/CpuQuota", "60000")),
                new Setting("shared memory", flags("--shm-size", "10m"), Map.of("/HostConfig/ShmSize", "10485760")),
                new Setting("processes", flags("--pids-limit", "500"), Map.of("/HostConfig/PidsLimit", "500")),
                new Setting(
                        "score of the out-of-memory killer",
                        flags("--oom-score-adj", "100"),
                        Map.of("/HostConfig/OomScoreAdj", "100"))));
        if (docker.ok("info", "--format", "{{.OomKillDisable}}").line().equals("true")) {
            limits.add(new Setting(
                    "what only cgroup v1 can do",
                    flags("--memory", "640m", "--oom-kill-disable", "--memory-swappiness", "20"),
                    Map.of("/HostConfig/OomKillDisable", "true", "/HostConfig/MemorySwappiness", "20")));
        }
        return limits.stream();
    }

    private static Stream<Setting> namespaces() {
        String peer = "container:" + id("fidelity-peer");
        return Stream.of(
                new Setting("host's IPC", flags("--ipc", "host"), Map.of("/HostConfig/IpcMode", "host")),
                new Setting("shareable IPC", flags("--ipc", "shareable"), Map.of("/HostConfig/IpcMode", "shareable")),
                new Setting(
                        "IPC of another container",
                        flags("--ipc", "container:fidelity-peer"),
                        Map.of("/HostConfig/IpcMode", peer)),
                new Setting("host's processes", flags("--pid", "host"), Map.of("/HostConfig/PidMode", "host")),
                new Setting(
                        "processes of another container",
                        flags("--pid", "container:fidelity-peer"),
                        Map.of("/HostConfig/PidMode", peer)),
                new Setting(
                        "cgroup namespace of its own",
                        flags("--cgroupns", "private"),
                        Map.of("/HostConfig/CgroupnsMode", "private")),
                new Setting(
                        "host's cgroup namespace",
                        flags("--cgroupns", "host"),
                        Map.of("/HostConfig/CgroupnsMode", "host")),
                new Setting(
                        "parent cgroup",
                        flags("--cgroup-parent", "fidelity.slice"),
                        Map.of("/HostConfig/CgroupParent", "fidelity.slice")),
                new Setting(
                        "host's user namespace", flags("--userns", "host"), Map.of("/HostConfig/UsernsMode", "host")));
    }

    private static Stream<Setting> process() {
        return Stream.of(
                new Setting("no log", flags("--log-driver", "none"), Map.of("/HostConfig/LogConfig/Type", "none")),
                new Setting(
                        "log options",
                        flags("--log-driver", "json-file", "--log-opt", "max-size=1m", "--log-opt", "tag={{.Name}}"),
                        Map.of(
                                "/HostConfig/LogConfig/Config/max-size",
                                "1m",
                                "/HostConfig/LogConfig/Config/tag",
                                "{{.Name}}")),
                new Setting("local log", flags("--log-driver", "local"), Map.of("/HostConfig/LogConfig/Type", "local")),
                new Setting("terminal", flags("--tty"), Map.of("/Config/Tty", "true")),
                new Setting(
                        "open input",
                        flags("--interactive"),
                        Map.of("/Config/OpenStdin", "true", "/Config/StdinOnce", "true")),
                new Setting("init", flags("--init"), Map.of("/HostConfig/Init", "true")),
                new Setting(
                        "stop signal and time",
                        flags("--stop-signal", "SIGUSR1", "--stop-timeout", "3"),
                        Map.of("/Config/StopSignal", "SIGUSR1", "/Config/StopTimeout", "3")),
                new Setting("working folder", flags("--workdir", "/srv"), Map.of("/Config/WorkingDir", "/srv")),
                new Setting(
                        "labels, of which one has the name of an image's label",
                        flags("--label", "rack=7", "--label", "org.opencontainers.image.title=mine"),
                        Map.of("/Config/Labels/rack", "7", "/Config/Labels/org.opencontainers.image.title", "mine")),
                new Setting(
                        "OCI runtime",
                        flags("--runtime", "io.containerd.runc.v2"),
                        Map.of("/HostConfig/Runtime", "io.containerd.runc.v2")),
                new Setting(
                        "health check",
                        flags(
                                "--health-cmd",
                                "test -e /healthy",
                                "--health-interval",
                                "5s",
                                "--health-timeout",
                                "3s",
                                "--health-retries",
                                "2",
                                "--health-start-period",
                                "4s"),
                        Map.of(
                                "/Config/Healthcheck/Test/1",
                                "test -e /healthy",
                                "/Config/Healthcheck/Interval",
                                "5000000000",
                                "/Config/Healthcheck/StartPeriod",
                                "4000000000")),
                new Setting(
                        "no health check", flags("--no-healthcheck"), Map.of("/Config/Healthcheck/Test/0", "NONE")));
    }

    private static Stream<Setting> environment() {
        return Stream.of(
                variables(
                        "environment that needs care",
                        "EQUALS=a=b=",
                        "SPACES= two words ",
                        "EMPTY=",
                        "EXPRESSION=${x} $x ${IMAGE}",
                        "QUOTES='\"\\",
                        "LINES=one\ntwo\n",
                        "UNICODE=grüß 😀",
                        "dotted.name=1",
                        "A_LIKE_B=",
                        "B_LIKE_A="),
                variables("search path of the user's own", "PATH=/opt/tools:/bin"));
    }

    private static Setting variables(String name, String... entries) {
        List<String> flags = new ArrayList<>();
        Map<String, String> inTarget = new HashMap<>();
        for (String entry : entries) {
            flags.addAll(List.of("--env", entry));
            inTarget.put("/Config/Env/" + entry, "set");
        }
        return new Setting(name, flags, inTarget);
    }

    @Test
    void target_is_connected_to_every_network_of_the_action() {
        String address = address(11, 78);
        Action action = connected(
                flags("--network", FIRST, "--ip", address(10, 78)),
                flags("--ip", address, "--alias", "me", SECOND),
                flags("bridge"));

        assertSameSettings(
                action,
                Map.of(
                        network(FIRST, "IPAMConfig/IPv4Address"),
                        address(10, 78),
                        network(SECOND, "IPAMConfig/IPv4Address"),
                        address,
                        network(SECOND, "Aliases/0"),
                        "me",
                        "/Networks/bridge",
                        "attached"));
        action.forceRemoveAll();
    }

    @Test
    void target_is_connected_to_a_network_besides_the_default_bridge() {
        Action action = connected(List.of(), flags("--alias", "me", SECOND));

        assertSameSettings(action, Map.of("/Networks/bridge", "attached", network(SECOND, "Aliases/0"), "me"));
        action.forceRemoveAll();
    }

    @Test
    void restart_policy_is_not_carried() {
        Action action = agent.run(
                        List.of("--env", "WAIT_SECONDS=600", "--restart", "on-failure:3", "--label", "rack=7"), "true")
                .succeeded();

        assertSameSettings(action, Map.of("/Config/Labels/rack", "7"));
        JsonObject policy =
                docker.inspect(action.target()).getJsonObject("HostConfig").getJsonObject("RestartPolicy");
        assertThat(policy.getString("Name")).isIn("", "no");
        assertThat(policy.getInt("MaximumRetryCount")).isZero();
        action.forceRemoveAll();
    }

    @Test
    void removal_at_the_end_is_not_carried() {
        String name = Agent.newName("fidelity");
        List<String> options = new ArrayList<>(agent.socket());
        options.addAll(NEVER);
        options.addAll(List.of("--env", "IMAGE=target", "--rm", "--label", "rack=7"));
        String id = agent.create(name, options, "true");
        JsonObject before = docker.inspect(id);

        docker.ok("start", "--attach", id);

        Action action = new Action(docker, name, id, 0, "");
        assertThat(before.getJsonObject("HostConfig").getBoolean("AutoRemove")).isTrue();
        assertThat(userSettings(action.target()))
                .isEqualTo(userSettings(before))
                .containsEntry("/Config/Labels/rack", "7");
        assertThat(docker.inspect(action.target()).getJsonObject("HostConfig").getBoolean("AutoRemove"))
                .isFalse();
        docker.ok("rm", "--force", action.waiter(), action.target());
    }

    @Test
    void name_of_the_action_is_left_to_the_action() {
        Action action = agent.run(NEVER, "true").succeeded();

        assertThat(docker.inspect(action.target()).getString("Name")).startsWith("/" + action.name() + "-target-");
        action.forceRemoveAll();
    }

    @Test
    void unprivileged_settings_hold_inside_the_started_target() {
        String address = address(10, 79);
        List<String> options = flags(
                "--env",
                "WAIT_SECONDS=0",
                "--env",
                "VALUE=a=b '\"${x}",
                "--network",
                FIRST,
                "--ip",
                address,
                "--hostname",
                "chosen",
                "--domainname",
                "example.org",
                "--dns-search",
                "example.org",
                "--add-host",
                "tink:192.0.2.2",
                "--ulimit",
                "nofile=1000:2000",
                "--user",
                "0:5",
                "--group-add",
                "44",
                "--cap-drop",
                "ALL",
                "--security-opt",
                "no-new-privileges",
                "--read-only",
                "--tmpfs",
                "/scratch:noexec,size=1m",
                "--shm-size",
                "3m",
                "--volume",
                "fidelity:/v:ro",
                "--volume",
                files + "/file:/etc/hostname:ro",
                "--workdir",
                "/srv",
                "--sysctl",
                "net.ipv4.ip_default_ttl=42");

        String output = outputOfTarget(
                options,
                "echo folder=$PWD; id; hostname; hostname -d; ip -4 addr show eth0; cat /etc/hosts /etc/resolv.conf"
                        + " /etc/hostname /proc/self/limits /proc/self/status /proc/mounts /v/file"
                        + " /proc/sys/net/ipv4/ip_default_ttl; env");

        assertThat(output)
                .contains("folder=/srv", "uid=0(root) gid=5 groups=5", "44")
                .contains("\nchosen\nexample.org\n", "inet " + address + "/24", "192.0.2.2\ttink")
                .contains("search example.org", "127.0.0.1 written-by-the-user", "\nkept\n42\n")
                .containsPattern("Max open files +1000 +2000 ")
                .containsPattern("CapEff:\\s+0000000000000000")
                .containsPattern("CapBnd:\\s+0000000000000000")
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern("overlay / overlay ro,")
                .containsPattern("tmpfs /scratch tmpfs \\S*noexec\\S*size=1024k")
                .containsPattern("shm /dev/shm tmpfs \\S*size=3072k")
                .contains("VALUE=a=b '\"${x}\n");
    }

    @Test
    void host_name_chosen_on_the_host_network_holds_inside_the_started_target() {
        assertThat(outputOfTarget(
                        flags("--env", "WAIT_SECONDS=0", "--network", "host", "--hostname", "chosen", "--pid", "host"),
                        "hostname; test -d /sys/class/net/" + bridge() + " && cat /proc/" + enginePid() + "/comm"))
                .isEqualTo("chosen\ndockerd\n");
    }

    @Test
    void name_and_processes_of_another_container_hold_inside_the_started_target() {
        assertThat(outputOfTarget(
                        flags(
                                "--env",
                                "WAIT_SECONDS=0",
                                "--network",
                                "container:fidelity-peer",
                                "--pid",
                                "container:fidelity-peer"),
                        "hostname; tr '\\0' ' ' </proc/1/cmdline"))
                .isEqualTo("peer-host\nsleep 3600 ");
    }

    @Test
    void link_on_the_default_bridge_and_bound_hosts_hold_inside_the_started_target() {
        assertThat(outputOfTarget(flags("--env", "WAIT_SECONDS=0", "--link", "fidelity-peer:friend"), "cat /etc/hosts"))
                .containsPattern("\tfriend peer-host fidelity-peer\n");
        assertThat(outputOfTarget(
                        flags("--env", "WAIT_SECONDS=0", "--volume", files + "/file:/etc/hosts"), "cat /etc/hosts"))
                .isEqualTo("127.0.0.1 written-by-the-user\n");
    }

    @Test
    void user_network_named_by_the_beginning_of_its_id_holds_inside_the_started_target() {
        assertThat(outputOfTarget(
                        flags(
                                "--env",
                                "WAIT_SECONDS=0",
                                "--network",
                                networkId(FIRST).substring(0, 12),
                                "--ip",
                                address(10, 80)),
                        "ip -4 addr | grep -c 'inet '; ip -4 addr show eth0"))
                .startsWith("2\n")
                .contains("inet " + address(10, 80) + "/24");
    }

    /** Starts an action, and from it a target with {@code sh -c script}; the target's output. */
    private static String outputOfTarget(List<String> options, String script) {
        return agent.outputOfTarget(options, "sh", "-c", script);
    }

    @SafeVarargs
    private static Action connected(List<String> options, List<String>... connections) {
        String name = Agent.newName("fidelity");
        List<String> all = new ArrayList<>(agent.socket());
        all.addAll(NEVER);
        all.addAll(List.of("--env", "IMAGE=target"));
        all.addAll(options);
        String id = agent.create(name, all, "true");
        for (List<String> connection : connections) {
            List<String> line = new ArrayList<>(List.of("network", "connect"));
            line.addAll(connection);
            line.add(id);
            docker.ok(line.toArray(String[]::new));
        }
        return agent.start(name, id).succeeded();
    }

    private static void assertSameSettings(Action action, Map<String, String> expected) {
        Map<String, String> ofTarget = userSettings(action.target());
        assertThat(ofTarget).containsAllEntriesOf(expected);
        assertThat(ofTarget).isEqualTo(userSettings(action.inspect()));
    }

    private static Map<String, String> userSettings(String id) {
        return userSettings(docker.inspect(id));
    }

    private static Map<String, String> userSettings(JsonObject container) {
        return UserSettings.of(container, images.computeIfAbsent(container.getString("Image"), docker::inspect));
    }

    private static void peer(String name, String... options) {
        List<String> line = new ArrayList<>(List.of("run", "--detach", "--name", name));
        line.addAll(List.of(options));
        line.addAll(List.of("target", "sleep", "3600"));
        docker.ok(line.toArray(String[]::new));
    }

    private static void mount(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static List<String> aliasesOfOneDigit() {
        List<String> flags = new ArrayList<>(flags("--network", FIRST));
        for (String digit : "0123456789abcdef".split("")) {
            flags.addAll(List.of("--network-alias", digit));
        }
        return flags;
    }

    private static String network(String name, String field) {
        return "/Networks/" + name + "/" + field;
    }

    private static String networkId(String name) {
        return docker.inspect(name).getString("Id");
    }

    private static String id(String container) {
        return docker.inspect(container).getString("Id");
    }

    private static String address(int subnet, int host) {
        String network = agent.engine().subnet(subnet);
        return network.substring(0, network.lastIndexOf('.') + 1) + host;
    }

    private static String bridge() {
        return read("bridge");
    }

    private static String enginePid() {
        return read("docker.pid");
    }

    private static String read(String file) {
        try {
            return Files.readString(agent.engine().folder().resolve(file)).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
