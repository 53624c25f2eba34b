package io.waitdaemon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.PrivateContainerd.Inventory;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The fixtures themselves, since a wrong fixture makes every other test lie. */
@ResourceLock(Containerds.LOCK)
class ContainerdFixtureIT {

    /** Less than the 10 s after which the restart monitor looks by default. */
    private static final Duration SOON = Duration.ofSeconds(7);

    /** The number of HTTP/2's frame that both sides begin with (RFC 9113, 6.5). */
    private static final int SETTINGS = 4;

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
                "cat /proc/self/cgroup; cat /proc/net/dev; test -S " + PrivateContainerd.ADDRESS
                        + " && echo a socket; readlink /proc/self/ns/pid; test -e /etc/hosts");

        assertThat(run.exit()).describedAs(run.output()).isZero();
        assertThat(run.output())
                .contains("/tinkerbell/" + run.id(), "wdcn")
                .contains(Command.run("readlink", "/proc/self/ns/pid").ok().line());
        assertThat(run.removed()).isAfterOrEqualTo(run.ended());
        assertThat(containerd.inventoryLike(before)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void shim_of_a_running_action_is_of_the_same_version(ContainerdVersion version) throws Exception {
        PrivateContainerd containerd = Containerds.shared(version);

        AgentRun run = AgentRun.begin(containerd, ImageArchive.target(), ON_THE_HOST, "sleep", "600");

        assertThat(Leftovers.alive(run.pid())).isTrue();
        Inventory during = containerd.inventory();
        assertThat(during.tasks()).contains(run.id());
        String shim = Long.toString(ProcessHandle.of(run.pid())
                .flatMap(ProcessHandle::parent)
                .orElseThrow()
                .pid());
        assertThat(during.shims()).contains(shim);
        assertThat(Files.readSymbolicLink(Path.of("/proc", shim, "exe")))
                .hasToString(
                        ContainerdPrograms.get().debian() + "/" + version.suite() + "/usr/bin/containerd-shim-runc-v2");
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

    @Test
    void containerd_is_reached_through_a_proxy() throws Exception {
        PrivateContainerd containerd = Containerds.shared(ContainerdVersion.V1_6);

        try (SocketProxy proxy = SocketProxy.tcp(containerd)) {
            String[] server = proxy.address().split(":");
            try (Socket socket = new Socket(server[0], Integer.parseInt(server[1]))) {
                assertThat(greeting(socket)).isEqualTo(SETTINGS);
            }
        }
    }

    @Test
    void containerd_is_reached_through_a_proxy_with_a_client_certificate_only(@TempDir Path folder) throws Exception {
        PrivateContainerd containerd = Containerds.shared(ContainerdVersion.V1_6);
        Path store = folder.resolve("all.p12");
        Command.run(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=all in one",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        folder.resolve("key.pem").toString(),
                        "-out",
                        folder.resolve("cert.pem").toString())
                .ok();
        Command.run(
                        "openssl",
                        "pkcs12",
                        "-export",
                        "-in",
                        folder.resolve("cert.pem").toString(),
                        "-inkey",
                        folder.resolve("key.pem").toString(),
                        "-passout",
                        "pass:secret",
                        "-out",
                        store.toString())
                .ok();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());

        try (SocketProxy proxy = SocketProxy.tls(
                containerd, folder.resolve("cert.pem"), folder.resolve("key.pem"), folder.resolve("cert.pem"))) {
            try (SSLSocket socket = connect(proxy, keys, true)) {
                assertThat(greeting(socket)).isEqualTo(SETTINGS);
                assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            }
            try (SSLSocket socket = connect(proxy, keys, false)) {
                assertThat(greeting(socket)).isEqualTo(-1);
            }
        }
    }

    private static SSLSocket connect(SocketProxy proxy, KeyStore keys, boolean withKey) throws Exception {
        KeyStore authority = KeyStore.getInstance("PKCS12");
        authority.load(null, null);
        authority.setCertificateEntry(
                "authority", keys.getCertificate(keys.aliases().nextElement()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority);
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(withKey ? own.getKeyManagers() : new KeyManager[0], trust.getTrustManagers(), null);
        String[] server = proxy.address().split(":");
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(server[0], Integer.parseInt(server[1]));
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** The type of the first frame that the server sends, or -1 where it ends the connection (RFC 9113, 3.4 and 4.1). */
    private static int greeting(Socket socket) throws IOException {
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[] {0, 0, 0, SETTINGS, 0, 0, 0, 0, 0});
        byte[] header = socket.getInputStream().readNBytes(9);
        return header.length < 9 ? -1 : header[3];
    }

    private static void remove(PrivateContainerd containerd, AgentRun run) {
        containerd.ctr("containers", "rm", run.id()).ok();
        assertThat(containerd.inventory().containers()).doesNotContain(run.id());
    }
}
