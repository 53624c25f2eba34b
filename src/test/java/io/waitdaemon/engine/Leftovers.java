package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Ends and removes whatever a fixture's folder still has, whether its engine ended well, was killed, or lost its JVM.
 * What belongs to the folder is told from the folder alone: the command lines that name it, the containers and networks in
 * its data, the mounts below it. Nothing is searched by name only, so an engine of somebody else is never hit.
 */
final class Leftovers {

    /** A person's {@code tail -f} on a log in the folder is none of our business. */
    private static final Set<String> OURS = Set.of(
            "dockerd",
            "containerd",
            "containerd-shim",
            "docker-registry",
            "docker-proxy",
            "runc",
            "docker",
            "qemu-system-x86_64");

    private static final Pattern BRIDGE = Pattern.compile("br-[0-9a-f]{12}");
    private static final Pattern SHIM_SOCKET = Pattern.compile("unix://(/run/containerd/s/[0-9a-f]{64})");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Leftovers() {}

    static void clear(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<String> containers = containers(folder);
        List<String> tasks = tasks(folder);
        // an engine that still lives would start its containers again, so it goes first
        kill(pid -> names(pid, folder) && "dockerd".equals(program(pid)));
        kill(pid -> "containerd".equals(program(pid)) && livesIn(pid, folder));
        kill(pid -> inOneOf(pid, containers) || contained(pid, folder));
        kill(pid -> names(pid, folder) && OURS.contains(program(pid)));
        kill(pid -> livesIn(pid, folder));
        unmount(folder);
        shimSockets(folder).forEach(Leftovers::delete);
        bridges(folder).forEach(Leftovers::deleteLink);
        deleteCgroups(containers.stream()
                .flatMap(id -> Stream.of("docker/" + id, "system.slice/docker-" + id + ".scope"))
                .toList());
        deleteCgroups(tasks);
        Command.run(Command.need("rm"), "-rf", "--one-file-system", folder.toString())
                .ok();
    }

    /** Not asked for in /sys first, which may be mounted from another network namespace; a missing one is no error. */
    private static void deleteLink(String name) {
        Command.run(Command.need("ip"), "link", "delete", name);
    }

    private static void kill(Predicate<Path> whom) {
        List<ProcessHandle> victims = new ArrayList<>();
        for (Path process : list(Path.of("/proc"))) {
            String name = process.getFileName().toString();
            if (name.chars().allMatch(Character::isDigit) && whom.test(process)) {
                ProcessHandle.of(Long.parseLong(name)).ifPresent(victims::add);
            }
        }
        victims.forEach(ProcessHandle::destroyForcibly);
        Await.within(PATIENCE, () -> victims.stream().noneMatch(victim -> alive(victim.pid())));
    }

    /** A zombie is dead: who ought to reap it (a container's init, for orphans) may take its time. */
    static boolean alive(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        int name = stat.lastIndexOf(')');
        return name > 0 && "ZX".indexOf(stat.charAt(name + 2)) < 0;
    }

    private static boolean names(Path process, Path folder) {
        return read(process.resolve("cmdline")).contains(folder + "/");
    }

    /** Whether a process is in the mount namespace of the {@link PrivateContainerd} that has this folder. */
    static boolean livesIn(Path process, Path folder) {
        try {
            return Files.isSameFile(process.resolve("root/run/containerd"), folder.resolve("host/run/containerd"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether its root is a snapshot in the folder, which holds in a container, whatever namespaces that shares. */
    private static boolean contained(Path process, Path folder) {
        return read(process.resolve("mountinfo"))
                .lines()
                .anyMatch(line -> line.split(" ")[4].equals("/") && line.contains(folder + "/root/"));
    }

    private static boolean inOneOf(Path process, List<String> containers) {
        String cgroups = containers.isEmpty() ? "" : read(process.resolve("cgroup"));
        return containers.stream().anyMatch(cgroups::contains);
    }

    /** The first word of the command line, since the kernel cuts a process's own name after 15 characters. */
    static String program(Path process) {
        String first = read(process.resolve("cmdline")).split("\0", 2)[0];
        String name = first.substring(first.lastIndexOf('/') + 1);
        return name.startsWith("containerd-shim") ? "containerd-shim" : name;
    }

    private static List<String> containers(Path folder) {
        return list(folder.resolve("data/containers")).stream()
                .map(path -> path.getFileName().toString())
                .filter(name -> name.matches("[0-9a-f]{64}"))
                .toList();
    }

    /** What a containerd by itself runs, as {@code <namespace>/<id>}: the name of its control group too. */
    private static List<String> tasks(Path folder) {
        Path state = folder.resolve("state/io.containerd.runtime.v2.task");
        return list(state).stream()
                .flatMap(namespace -> list(namespace).stream())
                .map(task -> state.relativize(task).toString())
                .toList();
    }

    private static void unmount(Path folder) {
        List<String> points = read(Path.of("/proc/self/mountinfo"))
                .lines()
                .map(line -> line.split(" ")[4])
                .filter(point -> point.startsWith(folder + "/"))
                .toList();
        points.reversed().forEach(point -> Command.run(Command.need("umount"), "-l", point));
    }

    /** Shims listen in a folder that all containerds share; what is written in their own folder (1.x, 2.x) says where. */
    private static Set<Path> shimSockets(Path folder) {
        Set<Path> sockets = new LinkedHashSet<>();
        for (Path namespace : list(folder.resolve("exec/containerd/io.containerd.runtime.v2.task"))) {
            for (Path task : list(namespace)) {
                Matcher matcher =
                        SHIM_SOCKET.matcher(read(task.resolve("address")) + " " + read(task.resolve("bootstrap.json")));
                while (matcher.find()) {
                    sockets.add(Path.of(matcher.group(1)));
                }
            }
        }
        return sockets;
    }

    /** The fixture's own bridge is named in a file of ours; those of users' networks are read out of the engine's own records. */
    private static Set<String> bridges(Path folder) {
        Set<String> names = new LinkedHashSet<>();
        read(folder.resolve("bridge"))
                .lines()
                .filter(name -> name.matches("wd(br|cn)\\d+"))
                .forEach(names::add);
        Matcher matcher = BRIDGE.matcher(read(folder.resolve("data/network/files/local-kv.db")));
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    /** runc removes these when it deletes a container; a killed one never gets there. Only empty cgroups can be removed. */
    private static void deleteCgroups(List<String> names) {
        Path root = Path.of("/sys/fs/cgroup");
        List<Path> parents = new ArrayList<>(List.of(root));
        parents.addAll(list(root));
        for (Path parent : parents) {
            for (String name : names) {
                delete(parent.resolve(name));
            }
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // still in use: then it is not a leftover
        }
    }

    static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder, e);
        }
    }

    /** Processes and files come and go while one looks. */
    static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
