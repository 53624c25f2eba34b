package io.waitdaemon.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The host's file system as the processes of the host see it: {@code /proc/PID/root}. It takes {@code pid: host} to see
 * those processes and CAP_SYS_PTRACE, which a privileged action has, to enter their roots (proc(5)).
 */
public final class HostRoot {

    private static final int INIT = 1;

    /** As many as the kernel follows before it says ELOOP. */
    private static final int MOST_LINKS = 40;

    private static final Path PARENT = Path.of("..");

    private static final int INODE_COLUMN = 6;
    private static final int PATH_COLUMN = 7;
    private static final int FLAGS_COLUMN = 3;
    private static final String LISTENING = "00010000";

    private final Path proc;

    /** @param proc where the proc file system is mounted */
    public HostRoot(Path proc) {
        this.proc = proc;
    }

    /**
     * A socket that a daemon listens on.
     *
     * @param pid of the daemon, for this process
     * @param bound its path as the daemon sees it
     * @param reached the path by which this process gets to it
     */
    public record ListeningSocket(int pid, Path bound, Path reached) {}

    /** Why the host root is out of reach, with what to change; empty when nothing speaks against it. */
    public Optional<String> obstacle() {
        try {
            Path own = Files.readSymbolicLink(proc.resolve("self/ns/mnt"));
            if (own.equals(Files.readSymbolicLink(proc.resolve("1/ns/mnt")))) {
                return Optional.of(
                        "process 1 is in this container too; run the action with pid: host to reach the host's");
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** A path of pid 1's file system as one of ours; empty when there is no such file or it may not be looked at. */
    public Optional<Path> ofInit(Path path) {
        return resolve(INIT, path);
    }

    /**
     * The path under which a daemon sees a file of the host root; the two differ where the daemon has a mount
     * namespace of its own, as LinuxKit's services have.
     *
     * @param reached the file as this process reaches it
     * @param onHost its path for pid 1, the answer when no such daemon listens on the file
     */
    public Path seenByDaemon(String daemon, Path reached, Path onHost) {
        return listening(daemon).stream()
                .filter(socket -> isSame(socket.reached(), reached))
                .map(ListeningSocket::bound)
                .findFirst()
                .orElse(onHost);
    }

    /**
     * A file of the file system that a daemon sees as one of ours; empty when there is no such file, or no such daemon
     * within reach.
     *
     * @param socket that the daemon listens on, as this process reaches it
     */
    public Optional<Path> ofDaemon(String daemon, Path socket, Path path) {
        return listening(daemon).stream()
                .filter(listened -> isSame(listened.reached(), socket))
                .findFirst()
                .flatMap(listened -> resolve(listened.pid(), path));
    }

    /** A path as each daemon of this name sees it, as ours; without those for whom there is no such file. */
    public List<Path> ofDaemons(String daemon, Path path) {
        return listening(daemon).stream()
                .map(ListeningSocket::pid)
                .distinct()
                .flatMap(pid -> resolve(pid, path).stream())
                .toList();
    }

    /** The sockets with a path that processes of this name listen on, as far as they may be looked at. */
    public List<ListeningSocket> listening(String command) {
        List<ListeningSocket> sockets = new ArrayList<>();
        try (Stream<Path> entries = Files.list(proc)) {
            entries.filter(entry -> entry.getFileName().toString().chars().allMatch(Character::isDigit))
                    .filter(process -> command.equals(line(process.resolve("comm"))))
                    .forEach(process -> sockets.addAll(listeningOf(process)));
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
        return sockets;
    }

    private List<ListeningSocket> listeningOf(Path process) {
        try {
            Set<String> inodes = openSockets(process);
            int pid = Integer.parseInt(process.getFileName().toString());
            List<ListeningSocket> sockets = new ArrayList<>();
            // decoded leniently: the path of one socket must not hide the others
            String rows = new String(Files.readAllBytes(process.resolve("net/unix")), StandardCharsets.UTF_8);
            for (String row : rows.lines().toList()) {
                String[] columns = row.strip().split("\\s+", PATH_COLUMN + 1);
                if (columns.length > PATH_COLUMN
                        && columns[FLAGS_COLUMN].equals(LISTENING)
                        && columns[PATH_COLUMN].startsWith("/")
                        && inodes.contains(columns[INODE_COLUMN])) {
                    Path bound = Path.of(columns[PATH_COLUMN]);
                    resolve(pid, bound).ifPresent(reached -> sockets.add(new ListeningSocket(pid, bound, reached)));
                }
            }
            return sockets;
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static Set<String> openSockets(Path process) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                String target = target(descriptor);
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
        }
        return inodes;
    }

    /** What a descriptor leads to; empty when it was closed since it was listed, as a busy daemon's are. */
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Follows symbolic links itself: the kernel would follow an absolute one, such as {@code /var/run -> /run}, into the
     * root of this process, and the parent of the root, which is the root itself, out of it.
     */
    private Optional<Path> resolve(int pid, Path path) {
        Path root = proc.resolve(Integer.toString(pid)).resolve("root");
        Path resolved = root;
        List<Path> ahead = names(path);
        int links = 0;
        try {
            while (!ahead.isEmpty()) {
                Path name = ahead.removeFirst();
                if (name.equals(PARENT)) {
                    resolved = resolved.equals(root)
                            ? root
                            : resolved.resolve(PARENT).normalize();
                    continue;
                }
                Path next = resolved.resolve(name);
                if (!Files.isSymbolicLink(next)) {
                    resolved = next;
                    continue;
                }
                if (++links > MOST_LINKS) {
                    return Optional.empty();
                }
                Path target = Files.readSymbolicLink(next);
                resolved = target.isAbsolute() ? root : resolved;
                ahead.addAll(0, names(target));
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Files.exists(resolved) ? Optional.of(resolved) : Optional.empty();
    }

    private static List<Path> names(Path path) {
        List<Path> names = new ArrayList<>();
        path.forEach(names::add);
        return names;
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
