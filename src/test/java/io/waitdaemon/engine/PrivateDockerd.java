package io.waitdaemon.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Docker Engine of one's own, beside whatever engine the machine has: own containerd, data, sockets and bridge, and no
 * touch of the machine's packet filter.
 *
 * <p>Four choices are not free:
 *
 * <ul>
 *   <li>It runs with {@code --iptables=false}: an engine that manages iptables deletes the DOCKER chains when it starts,
 *       and with them the published ports of the engine next door. So its containers have no way to the internet, and
 *       published ports work through docker-proxy only. Where the machine filters bridged packets and drops forwarded
 *       ones (another engine sets it so), containers cannot talk to each other over the bridge; to the host they can.
 *   <li>containerd is started here rather than by dockerd, which would take the machine's if there is one, and would take
 *       its own down with it when killed. As under systemd, containers survive {@link #kill()} until the engine is back.
 *   <li>The bridge is a plain one made here, in 198.18.0.0/15 (RFC 2544: for tests, routed nowhere).
 *   <li>It has no address pools of its own: an engine with {@code --default-address-pool}, or with {@code --bridge=none},
 *       deletes the interface docker0 by its name, whosesoever it is (moby 20.10 to 28, daemon_unix.go,
 *       removeDefaultBridgeInterface; with pools only from its second start on). Users' networks get addresses that the
 *       machine has no route for, as everywhere; give {@link #subnet} where a test needs fixed ones.
 * </ul>
 */
public final class PrivateDockerd implements AutoCloseable {

    private static final String KIND = "wd-engine";
    /** What would reach beyond this engine, see above. */
    private static final Pattern FOREIGN = Pattern.compile(
            "(-b|--(bridge|bip|default-address-pool|iptables|ip6tables|ip-forward|ip-masq|config-file))(=.*)?");

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    private final OwnedFolder folder;
    private final String bridge;
    private final DockerCli cli;
    private final Thread atExit = new Thread(this::closeAtExit, "stop the private dockerd");
    private @Nullable Process containerd;
    private @Nullable Process dockerd;
    private boolean closed;

    private PrivateDockerd(OwnedFolder folder, String bridge) {
        this.folder = folder;
        this.bridge = bridge;
        this.cli = new DockerCli(
                "unix://" + folder.path().resolve("docker.sock"), folder.path().resolve("cli"));
    }

    /**
     * A folder, a bridge and a configuration; nothing runs until {@link #start}. Clears up first what earlier runs left
     * that were killed. Needs root and what {@code src/test/sh/install-engine} installs.
     */
    public static PrivateDockerd create() {
        OwnedFolder.sweep(KIND);
        for (int number = 0; number < OwnedFolder.numbers(); number++) {
            Optional<OwnedFolder> folder = OwnedFolder.tryClaim(KIND, number);
            if (folder.isEmpty()) {
                continue;
            }
            String bridge = "wdbr" + number;
            // the kernel hands a name out once: this is also the claim against a JVM with another temporary folder
            if (Command.run(Command.need("ip"), "link", "add", bridge, "type", "bridge")
                            .exit()
                    == 0) {
                PrivateDockerd engine = new PrivateDockerd(folder.get(), bridge);
                engine.prepare();
                return engine;
            }
            folder.get().delete();
        }
        throw new IllegalStateException("No free bridge name wdbr0 … wdbr" + (OwnedFolder.numbers() - 1)
                + ". Are we root? Look at 'ip link' for bridges that nobody uses.");
    }

    /**
     * Starts the engine, for the first time or again on the same data, and returns when it answers: by then it has dealt
     * with the containers it had before. The flags are for this start only, for example {@code --live-restore} or
     * {@code -H tcp://127.0.0.1:2376 --tlsverify …}, besides the unix socket.
     */
    public synchronized PrivateDockerd start(String... flags) {
        if (closed || running()) {
            throw new IllegalStateException(
                    "The engine in " + folder.path() + (closed ? " is closed" : " runs already"));
        }
        for (String flag : flags) {
            if (FOREIGN.matcher(flag).matches()) {
                throw new IllegalArgumentException("'" + flag + "' may harm another engine of this machine");
            }
        }
        Process around = startContainerd();
        Path home = folder.path();
        List<String> command = new ArrayList<>(List.of(
                Command.need("dockerd"),
                "--config-file=" + home.resolve("daemon.json"),
                "--host=" + host(),
                "--group=0",
                "--containerd=" + home.resolve("containerd.sock"),
                "--data-root=" + home.resolve("data"),
                "--exec-root=" + home.resolve("exec"),
                "--pidfile=" + home.resolve("docker.pid"),
                "--bridge=" + bridge,
                "--iptables=false",
                "--ip-masq=false",
                "--ip-forward=false"));
        command.addAll(List.of(flags));
        Process process = spawn("dockerd.log", command);
        dockerd = process;
        Await.until(
                START_LIMIT,
                () -> answers() || !process.isAlive() || !around.isAlive(),
                () -> "dockerd does not answer within " + START_LIMIT + ":\n" + log());
        if (!process.isAlive() || !around.isAlive()) {
            throw new AssertionError("dockerd or its containerd ended at once:\n" + log());
        }
        return this;
    }

    /** SIGTERM: containers are stopped too (unless it runs with {@code --live-restore}), each with its own stop timeout. */
    public synchronized void stop() {
        Process process = dockerd;
        if (process != null) {
            process.destroy();
            awaitEnd(process, "dockerd");
            dockerd = null;
        }
    }

    /** SIGKILL, to dockerd alone: its containers, their shims and containerd go on, as on a machine with systemd. */
    public synchronized void kill() {
        Process process = dockerd;
        if (process != null) {
            process.destroyForcibly();
            awaitEnd(process, "dockerd");
            dockerd = null;
        }
    }

    public synchronized boolean running() {
        return dockerd != null && dockerd.isAlive();
    }

    /** Below a folder whose name is short enough for a unix socket. */
    public Path socket() {
        return folder.path().resolve("docker.sock");
    }

    /** What DOCKER_HOST wants. */
    public String host() {
        return cli.host();
    }

    /** The data, logs and sockets of this engine; a test may put its own files here, they go with it. */
    public Path folder() {
        return folder.path();
    }

    /** A command line bound to this engine, without any registry login. */
    public DockerCli cli() {
        return cli;
    }

    /** The address of the host that a container on the default bridge sees. */
    public String gateway() {
        return address(1);
    }

    /**
     * One of 15 subnets (0 to 14) for a network with fixed addresses, such as {@code 198.18.1.0/24}: no other private
     * engine has it, and no engine gives it away by itself.
     */
    public String subnet(int index) {
        if (index < 0 || index > 14) {
            throw new IllegalArgumentException("There are subnets 0 to 14, not " + index);
        }
        return address((1 + index) << 8) + "/24";
    }

    /** The ends of both daemons' logs. */
    public String log() {
        return tail("containerd.log") + tail("dockerd.log");
    }

    /** Removes every container, ends both daemons and leaves nothing: no mount, bridge, process or folder. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (running()) {
                removeAll();
                stop();
            }
        } finally {
            Process child = containerd;
            if (child != null) {
                child.destroy();
                Await.within(Duration.ofSeconds(10), () -> !child.isAlive());
            }
            folder.delete();
            if (!Thread.currentThread().equals(atExit)) {
                removeHook();
            }
        }
    }

    private void prepare() {
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            Path home = folder.path();
            Files.writeString(home.resolve("bridge"), bridge + "\n");
            // an explicit file, so that the machine's /etc/docker/daemon.json is not read
            Files.writeString(home.resolve("daemon.json"), "{}\n");
            Files.writeString(home.resolve("containerd.toml"), """
                    version = 2
                    root = "%1$s/containerd"
                    state = "%1$s/exec/containerd"
                    disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
                    [grpc]
                      address = "%1$s/containerd.sock"
                    """.formatted(home));
            Command.run(Command.need("ip"), "address", "add", gateway() + "/24", "dev", bridge)
                    .ok();
            Command.run(Command.need("ip"), "link", "set", bridge, "up").ok();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("Cannot prepare " + folder.path(), e);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private Process startContainerd() {
        Process process = containerd;
        if (process == null || !process.isAlive()) {
            process = spawn(
                    "containerd.log",
                    List.of(Command.need("containerd"), "--config", folder.path() + "/containerd.toml"));
            containerd = process;
        }
        return process;
    }

    /** In a session of its own: a Ctrl-C at the terminal is for the JVM, which then ends the engine in good order. */
    private Process spawn(String log, List<String> command) {
        List<String> line = new ArrayList<>(List.of(Command.need("setsid")));
        line.addAll(command);
        ProcessBuilder.Redirect output =
                ProcessBuilder.Redirect.appendTo(folder.path().resolve(log).toFile());
        return Command.start(line, Map.of(), output, output);
    }

    /** Each engine has 16 networks of 256 addresses; its default bridge has the first. */
    private String address(int offset) {
        int value = (198 << 24 | 18 << 16) + (folder.number() << 12) + offset;
        return (value >>> 24) + "." + (value >> 16 & 255) + "." + (value >> 8 & 255) + "." + (value & 255);
    }

    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket()));
            channel.write(
                    ByteBuffer.wrap("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            return answer.toString(StandardCharsets.US_ASCII).matches("(?s)HTTP/1\\.[01] 200 .*");
        } catch (IOException e) {
            return false;
        }
    }

    private void removeAll() {
        List<String> containers =
                cli.run("ps", "--all", "--quiet", "--no-trunc").out().lines().toList();
        if (!containers.isEmpty()) {
            List<String> line = new ArrayList<>(List.of("rm", "--force", "--volumes"));
            line.addAll(containers);
            cli.run(line.toArray(String[]::new));
        }
        cli.run("network", "prune", "--force");
    }

    private void awaitEnd(Process process, String name) {
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(name + " does not end within " + STOP_LIMIT + ":\n" + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while " + name + " ended", e);
        }
    }

    private String tail(String name) {
        try {
            List<String> lines = Files.readAllLines(folder.path().resolve(name));
            List<String> last = lines.subList(Math.max(0, lines.size() - 40), lines.size());
            return "--- " + name + "\n" + String.join("\n", last) + "\n";
        } catch (IOException e) {
            return "--- " + name + ": " + e + "\n";
        }
    }

    private void closeAtExit() {
        try {
            close();
        } catch (RuntimeException | AssertionError e) {
            System.err.println("The private dockerd in " + folder.path() + " did not end well: " + e.getMessage());
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM is going down and runs the hook: it will find nothing to do
        }
    }
}
