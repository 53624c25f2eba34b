package io.waitdaemon.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A containerd of one's own, of a version of one's choice, beside whatever the machine has.
 *
 * <p>Its world looks like a machine on which tink-agent runs actions: the socket at its usual place, nerdctl in {@code /usr/local/bin},
 * CNI with a bridge, no CRI. Since programs look for all that at fixed paths, it lives in a mount namespace in which
 * {@link #PLACES} are folders of its own. Everything that belongs to it has to run there too: {@link #run}, {@link #ctr},
 * {@link #nerdctl} and {@link AgentRun} see to that. From outside, {@link #file} tells where such a path really is, and
 * {@link #socket} is an ordinary path that can be connected to or mounted into a container.
 *
 * <p>The other namespaces are the machine's, so "host network" and "pid host" are the machine's too, unless it was made as a
 * {@link #machine}: such a one has process ids of its own, with a first process in its mount namespace. The bridge is a plain
 * one made here, in 198.51.100.0/24 or 203.0.113.0/24 (RFC 5737: for examples, routed nowhere). Neither it nor its network
 * touches the machine's packet filter, so containers reach the host and each other and nothing beyond. Of the mount points
 * those that the machine lacks are made, and stay, empty.
 */
public final class PrivateContainerd implements AutoCloseable {

    /** tink-agent's namespace in containerd, of all versions and containers here. */
    public static final String NAMESPACE = "tinkerbell";

    /** Where the socket is inside: where everything looks for it by default, and what an action mounts. */
    public static final String ADDRESS = "/run/containerd/containerd.sock";

    private static final String KIND = "wd-containerd";

    /** Folders that are private, by the path that they have inside. */
    private static final List<String> PLACES = List.of(
            "/etc/containerd",
            "/etc/cni",
            "/etc/nerdctl",
            "/opt/cni",
            "/run/containerd",
            "/run/waitdaemon",
            "/usr/local/bin",
            "/var/lib/cni",
            "/var/lib/nerdctl");

    /** As on CaptainOS. */
    private static final String NERDCTL = "/usr/local/bin/nerdctl";

    /** Mounts pairs of folders, says so, and then does nothing but keep the mount namespace. */
    private static final String HOLD = """
            while [ $# -gt 0 ]; do
              mkdir -p "$2"
              mount --bind "$1" "$2"
              shift 2
            done
            echo ready
            sleep infinity &
            # as a first process it is the parent of all orphans, and this takes note of their ends
            wait
            """;

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private final ContainerdVersion version;
    private final boolean machine;
    private final OwnedFolder folder;
    private String program = "containerd";
    private String address = ADDRESS;
    private final String bridge;
    private final ContainerdPrograms programs;
    private final Thread atExit = new Thread(this::closeAtExit, "stop the private containerd");
    private final Map<String, String> variables = new HashMap<>();
    private @Nullable Process holder;
    private @Nullable Process containerd;
    private boolean closed;

    private PrivateContainerd(
            ContainerdVersion version,
            boolean machine,
            OwnedFolder folder,
            String bridge,
            ContainerdPrograms programs) {
        this.version = version;
        this.machine = machine;
        this.folder = folder;
        this.bridge = bridge;
        this.programs = programs;
    }

    /**
     * A folder, a bridge, a mount namespace and a configuration; containerd runs from {@link #start} on. Clears up first
     * what earlier runs left that were killed. Needs root.
     */
    public static PrivateContainerd create(ContainerdVersion version) {
        return create(version, false);
    }

    /**
     * As {@link #create}, with process ids of its own and CaptainOS' nerdctl: {@code /proc/1} of its containers with pid host
     * leads to this world, as on a real machine, and not to the machine that the test runs on.
     */
    public static PrivateContainerd machine(ContainerdVersion version) {
        return create(version, true);
    }

    private static PrivateContainerd create(ContainerdVersion version, boolean machine) {
        ContainerdPrograms programs = ContainerdPrograms.get();
        OwnedFolder.sweep(KIND);
        for (int number = 0; number < OwnedFolder.numbers(); number++) {
            Optional<OwnedFolder> folder = OwnedFolder.tryClaim(KIND, number);
            if (folder.isEmpty()) {
                continue;
            }
            String bridge = "wdcn" + number;
            // the folder is ours, so a bridge of its number is one that a killed JVM left
            Command.run(Command.need("ip"), "link", "delete", bridge);
            if (Command.run(Command.need("ip"), "link", "add", bridge, "type", "bridge")
                            .exit()
                    == 0) {
                PrivateContainerd containerd = new PrivateContainerd(version, machine, folder.get(), bridge, programs);
                containerd.prepare();
                return containerd;
            }
            folder.get().delete();
        }
        throw new IllegalStateException("No free bridge name wdcn0 … wdcn" + (OwnedFolder.numbers() - 1)
                + ". Are we root? Look at 'ip link' for bridges that nobody uses.");
    }

    /**
     * Adds to the configuration what the next {@link #start} will read, such as a {@code tcp_address} in {@code [grpc]}; a
     * second text of the same name replaces the first.
     */
    public PrivateContainerd configure(String name, String toml) {
        write("/etc/containerd/conf.d/" + name + ".toml", "version = " + version.configVersion() + "\n" + toml);
        return this;
    }

    /** Sets a variable for all that is started inside from now on, containerd and its shims too. */
    public PrivateContainerd setting(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    /**
     * Lets it run under another name and listen at another place, which only its nerdctl is told of: neither its usual path nor
     * the name of its process leads to it then.
     *
     * @param place a path inside, in a private place
     */
    public PrivateContainerd hidden(String name, String place) {
        program = name;
        address = place;
        try {
            Files.createSymbolicLink(file("/usr/local/bin/" + name), programs.containerd(version));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write("/etc/nerdctl/nerdctl.toml", "address = \"" + place + "\"\n");
        return configure("hidden", "[grpc]\n  address = \"" + place + "\"\n").setting("CONTAINERD_ADDRESS", place);
    }

    /** Starts it, for the first time or again on the same data, and returns when it answers. */
    public synchronized PrivateContainerd start() {
        if (closed || running()) {
            throw new IllegalStateException(
                    "containerd in " + folder.path() + (closed ? " is closed" : " runs already"));
        }
        List<String> line = new ArrayList<>(List.of(Command.need("setsid")));
        line.addAll(inside(List.of(program, "--config", "/etc/containerd/config.toml")));
        ProcessBuilder.Redirect output =
                ProcessBuilder.Redirect.appendTo(folder.path().resolve("log").toFile());
        Process process = Command.start(line, environment(), output, output);
        containerd = process;
        Await.until(
                LIMIT,
                () -> answers() || !process.isAlive(),
                () -> "containerd does not answer within " + LIMIT + ":\n" + log());
        if (!process.isAlive()) {
            throw new AssertionError("containerd ended at once:\n" + log());
        }
        return this;
    }

    /** SIGTERM: containers and their shims go on, as they do on a machine with systemd. */
    public synchronized void stop() {
        Process process = containerd;
        if (process != null) {
            program(process).destroy();
            awaitEnd(process);
        }
    }

    /** SIGKILL, to containerd alone: containers and their shims go on, and the socket stays as a file. */
    public synchronized void kill() {
        Process process = containerd;
        if (process != null) {
            program(process).destroyForcibly();
            awaitEnd(process);
        }
    }

    public synchronized boolean running() {
        return containerd != null && containerd.isAlive();
    }

    /** The process id of the containerd that runs. */
    public synchronized long pid() {
        Process process = containerd;
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException("containerd in " + folder.path() + " does not run");
        }
        return program(process).pid();
    }

    /** What the {@code /proc/self/ns} of its host's processes shows for this kind of namespace, such as {@code pid}. */
    public String namespace(String kind) {
        try {
            String name = machine && kind.equals("pid") ? "pid_for_children" : kind;
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(holder().pid()), "ns", name))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ContainerdVersion version() {
        return version;
    }

    /** For clients outside, and for containers of other engines. */
    public Path socket() {
        return file(address);
    }

    /** Where the socket is inside. */
    public String address() {
        return address;
    }

    /** The data, log and private places; a test may put its own files here, they go with it. Known inside by the same path. */
    public Path folder() {
        return folder.path();
    }

    /** The address of the host that a container on the bridge sees. */
    public String gateway() {
        return address(1);
    }

    /** Where a file of a private place is for those outside, for example {@code /etc/containerd/certs.d/…/hosts.toml}. */
    public Path file(String inside) {
        if (PLACES.stream().noneMatch(place -> Path.of(inside).startsWith(place))) {
            throw new IllegalArgumentException("'" + inside + "' is in none of the private places " + PLACES);
        }
        return folder.path().resolve("host" + inside);
    }

    /** Writes a file of a private place, and makes the folders that it needs. */
    public Path write(String inside, String text) {
        Path file = file(inside);
        try {
            Files.createDirectories(Optional.ofNullable(file.getParent()).orElseThrow());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    /** Runs {@code ctr --namespace tinkerbell …} to its end, however that is. */
    public Result ctr(String... args) {
        return run(Stream.concat(Stream.of("ctr", "--namespace", NAMESPACE), Stream.of(args))
                .toArray(String[]::new));
    }

    /** Runs {@code nerdctl --namespace tinkerbell …} to its end, however that is. */
    public Result nerdctl(String... args) {
        return run(Stream.concat(
                        Stream.of(programs.nerdctl().resolve("nerdctl").toString(), "--namespace", NAMESPACE),
                        Stream.of(args))
                .toArray(String[]::new));
    }

    /** Runs any command in the mount namespace, with ctr, nerdctl and runc in its PATH; more than 60 s is an error. */
    public Result run(String... command) {
        return Command.run(inside(List.of(command)), environment(), LIMIT);
    }

    /** Makes the image known under its full name, unpacked for the default snapshotter. */
    public void add(ImageArchive image) {
        if (!ctr("images", "ls", "--quiet").ok().out().lines().toList().contains(image.reference())) {
            ctr("images", "import", image.file().toString()).ok();
        }
    }

    /** What there is at this moment, to be compared with what there is later. */
    public Inventory inventory() {
        return new Inventory(
                names("containers", "ls", "--quiet"),
                names("tasks", "ls", "--quiet"),
                new TreeSet<>(ctr("snapshots", "ls")
                        .ok()
                        .out()
                        .lines()
                        .skip(1)
                        .map(line -> line.split("\\s+")[0])
                        .toList()),
                names("leases", "ls", "--quiet"),
                logFolders(),
                shims());
    }

    /**
     * The inventory as soon as it equals this one, or what it is after 10 s: a shim ends a moment after its task is deleted,
     * and a snapshot goes with the next garbage collection.
     */
    public Inventory inventoryLike(Inventory expected) {
        Await.within(SETTLED, () -> inventory().equals(expected));
        return inventory();
    }

    /** The end of containerd's log. */
    public String log() {
        try {
            List<String> lines = Files.readAllLines(folder.path().resolve("log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** Ends containerd, all containers and whatever else runs inside, and leaves no mount, bridge, folder or control group of theirs. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        folder.delete();
        if (!Thread.currentThread().equals(atExit)) {
            removeHook();
        }
    }

    /** Starts a command inside, with nothing on its input. */
    Process begin(List<String> command, ProcessBuilder.Redirect out, ProcessBuilder.Redirect err) {
        return Command.start(inside(command), environment(), out, err);
    }

    /** What was started inside, which in a machine is the child of what brought it there. */
    ProcessHandle program(Process process) {
        return machine ? process.children().findFirst().orElse(process.toHandle()) : process.toHandle();
    }

    private void prepare() {
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (String place : PLACES) {
                Files.createDirectories(file(place));
            }
            Files.createDirectories(file("/etc/containerd/conf.d"));
            Files.writeString(folder.path().resolve("bridge"), bridge + "\n");
            write("/etc/containerd/config.toml", config());
            write("/etc/cni/net.d/10-bridge.conflist", network());
            Files.createSymbolicLink(
                    file(NERDCTL), (machine ? programs.oldNerdctl() : programs.nerdctl()).resolve("nerdctl"));
            linkPlugins(Files.createDirectories(file("/opt/cni/bin")));
            Command.run(Command.need("ip"), "address", "add", gateway() + "/28", "dev", bridge)
                    .ok();
            Command.run(Command.need("ip"), "link", "set", bridge, "up").ok();
            holder = hold();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("Cannot prepare " + folder.path(), e);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private void linkPlugins(Path bin) throws IOException {
        try (DirectoryStream<Path> plugins = Files.newDirectoryStream(programs.cniPlugins())) {
            for (Path plugin : plugins) {
                Files.createSymbolicLink(bin.resolve(plugin.getFileName()), plugin);
            }
        }
    }

    private String config() {
        return """
                version = %1$d
                root = "%2$s/root"
                state = "%2$s/state"
                imports = ["/etc/containerd/conf.d/*.toml"]
                # opt and nri would use folders that are not private
                disabled_plugins = [
                  "io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"
                ]
                [grpc]
                  address = "%4$s"
                [plugins."%3$s"]
                  interval = "1s"
                """.formatted(version.configVersion(), folder.path(), version.restartMonitor(), ADDRESS);
    }

    /** The bridge has its address already: as a gateway of CNI's making it would switch on the machine's IP forwarding. */
    private String network() {
        return """
                {
                  "cniVersion": "1.0.0",
                  "name": "bridge",
                  "nerdctlID": "bridge",
                  "nerdctlLabels": {"nerdctl/default-network": "true"},
                  "plugins": [{
                    "type": "bridge",
                    "bridge": "%s",
                    "ipam": {
                      "type": "host-local",
                      "ranges": [[{"subnet": "%s/28", "gateway": "%s"}]],
                      "routes": [{"dst": "0.0.0.0/0"}]
                    }
                  }]
                }
                """.formatted(bridge, address(0), gateway());
    }

    /** A process that keeps the mount namespace while containerd is down. In a session of its own, see there. */
    private Process hold() throws IOException {
        List<String> line = new ArrayList<>(
                List.of(Command.need("setsid"), Command.need("unshare"), "--mount", "--propagation=private"));
        if (machine) {
            line.addAll(List.of("--pid", "--fork", "--mount-proc"));
        }
        line.addAll(List.of("sh", "-ec", HOLD, "sh"));
        PLACES.forEach(place -> line.addAll(List.of(file(place).toString(), place)));
        Path errors = folder.path().resolve("mount.err");
        Process process = Command.start(
                line, Map.of(), ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.to(errors.toFile()));
        BufferedReader output = process.inputReader();
        if (!"ready".equals(output.readLine())) {
            throw new IllegalStateException("Cannot mount the private places: " + Files.readString(errors));
        }
        return process;
    }

    private List<String> inside(List<String> command) {
        String namespaces = "/proc/" + holder().pid() + "/ns/";
        List<String> line = new ArrayList<>(List.of(Command.need("nsenter"), "--mount=" + namespaces + "mnt"));
        if (machine) {
            line.add("--pid=" + namespaces + "pid_for_children");
        }
        line.add("--");
        line.addAll(command);
        return line;
    }

    private Process holder() {
        return Optional.ofNullable(holder)
                .orElseThrow(() -> new IllegalStateException("containerd in " + folder.path() + " is not prepared"));
    }

    private Map<String, String> environment() {
        Map<String, String> all = new HashMap<>(Map.of("PATH", programs.path(version)));
        all.putAll(variables);
        return all;
    }

    /** Each has 16 addresses, and there are 32 of them. */
    private String address(int offset) {
        int value = folder.number() * 16 + offset;
        return (value < 256 ? "198.51.100." : "203.0.113.") + value % 256;
    }

    private boolean answers() {
        return UnixConnection.listens(socket()) && run("ctr", "version").exit() == 0;
    }

    private SortedSet<String> names(String... args) {
        return new TreeSet<>(ctr(args).ok().out().lines().toList());
    }

    /** Of every socket that nerdctl was told of: folders are named after the socket's path. */
    private SortedSet<String> logFolders() {
        SortedSet<String> names = new TreeSet<>();
        for (Path store : Leftovers.list(file("/var/lib/nerdctl"))) {
            for (Path container : Leftovers.list(store.resolve("containers").resolve(NAMESPACE))) {
                names.add(store.getFileName() + "/" + container.getFileName());
            }
        }
        return names;
    }

    /** What nerdctl keeps of containers beside their folders: names, files for names of hosts, volumes. */
    public SortedSet<String> nerdctlNotes() {
        SortedSet<String> notes = new TreeSet<>();
        for (Path store : Leftovers.list(file("/var/lib/nerdctl"))) {
            for (String kind : List.of("names", "etchosts", "volumes")) {
                for (Path note : Leftovers.list(store.resolve(kind).resolve(NAMESPACE))) {
                    notes.add(kind + " " + note.getFileName());
                }
            }
        }
        return notes;
    }

    /**
     * Takes away what a nerdctl leaves that is killed in the midst of {@code create}: a lease and the snapshots that it holds,
     * which containerd would drop a day later, and the folder and the name of a container that never came to be. Nothing may
     * be in the making meanwhile.
     */
    public void forgetHalfMade() {
        for (String lease : names("leases", "ls", "--quiet")) {
            ctr("leases", "rm", "--sync", lease).ok();
        }
        SortedSet<String> known = names("containers", "ls", "--quiet");
        for (Path store : Leftovers.list(file("/var/lib/nerdctl"))) {
            for (Path container : Leftovers.list(store.resolve("containers").resolve(NAMESPACE))) {
                if (!known.contains(String.valueOf(container.getFileName()))) {
                    Command.run(Command.need("rm"), "-r", container.toString()).ok();
                }
            }
            for (Path name : Leftovers.list(store.resolve("names").resolve(NAMESPACE))) {
                if (!known.contains(Leftovers.read(name))) {
                    Command.run(Command.need("rm"), name.toString()).ok();
                }
            }
        }
    }

    /**
     * Ends the shims that containerd knows nothing of: it may lose one when it dies, or its client does, while it starts the
     * shim (seen now and then with 1.7 and 2.1).
     */
    public void endOrphanedShims() {
        SortedSet<String> tasks = names("tasks", "ls", "--quiet");
        for (String shim : shims()) {
            List<String> line =
                    List.of(Leftovers.read(Path.of("/proc", shim, "cmdline")).split("\0"));
            int id = line.indexOf("-id") + 1;
            if (id > 0 && id < line.size() && !tasks.contains(line.get(id))) {
                Command.run(Command.need("kill"), "-KILL", shim);
                Await.within(SETTLED, () -> !shims().contains(shim));
            }
        }
    }

    /** The process ids of the shims of all its containers; one goes a moment after its task. */
    public SortedSet<String> shims() {
        SortedSet<String> pids = new TreeSet<>();
        for (Path process : Leftovers.list(Path.of("/proc"))) {
            if (Leftovers.livesIn(process, folder.path())
                    && Leftovers.program(process).equals("containerd-shim")) {
                pids.add(process.getFileName().toString());
            }
        }
        return pids;
    }

    private void awaitEnd(Process process) {
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("containerd does not end within " + LIMIT + ":\n" + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while containerd ended", e);
        }
    }

    private void closeAtExit() {
        try {
            close();
        } catch (RuntimeException | AssertionError e) {
            System.err.println("The private containerd in " + folder.path() + " did not end well: " + e.getMessage());
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM is going down and runs the hook: it will find nothing to do
        }
    }

    /**
     * All that a container can leave behind, by name. What may differ is a matter of the test; the rest is equal or leaked.
     *
     * @param snapshots of the default snapshotter
     * @param logFolders below nerdctl's data root, as {@code <hash of the socket>/<container id>}
     * @param shims process ids
     */
    public record Inventory(
            SortedSet<String> containers,
            SortedSet<String> tasks,
            SortedSet<String> snapshots,
            SortedSet<String> leases,
            SortedSet<String> logFolders,
            SortedSet<String> shims) {

        /** All in one, each with what it is. */
        public SortedSet<String> names() {
            SortedSet<String> names = new TreeSet<>();
            containers.forEach(name -> names.add("container " + name));
            tasks.forEach(name -> names.add("task " + name));
            snapshots.forEach(name -> names.add("snapshot " + name));
            leases.forEach(name -> names.add("lease " + name));
            logFolders.forEach(name -> names.add("log folder " + name));
            shims.forEach(name -> names.add("shim " + name));
            return names;
        }
    }
}
