package io.waitdaemon.self;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Scanner;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What /proc tells of the container that this process is in, before any engine is asked.
 *
 * @param cgroupIds container ids in the cgroup path; none in a private cgroup namespace
 * @param mountIds container ids in the sources of the mounts at /etc/hosts, /etc/hostname and /etc/resolv.conf; with
 *     {@code container:} networking these are the other container's
 * @param rootUpperDir writable folder of the overlay that is mounted at {@code /}, as the engine's host names it
 * @param pids of this process and its ancestors in its own pid namespace
 * @param hostname not this container's own with host networking
 * @param environment {@code NAME=value} entries that this process was started with; never shown
 */
public record Evidence(
        Set<String> cgroupIds,
        Set<String> mountIds,
        Optional<String> rootUpperDir,
        Set<Long> pids,
        String hostname,
        Set<String> environment) {

    private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
    private static final Pattern UPPER_DIR = Pattern.compile("(?:^|,)upperdir=([^,]+)");
    private static final Set<String> ENGINE_MADE_FILES = Set.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    // proc_pid_mountinfo(5): id parent device root mount-point options [optional fields] - type source options
    private static final int SOURCE_COLUMN = 3;
    private static final int MOUNT_POINT_COLUMN = 4;

    public Evidence {
        cgroupIds = Set.copyOf(cgroupIds);
        mountIds = Set.copyOf(mountIds);
        pids = Set.copyOf(pids);
        environment = Set.copyOf(environment);
    }

    /**
     * Gathers what there is; a file that cannot be read contributes nothing.
     *
     * @param proc where the proc file system is mounted
     */
    public static Evidence gather(Path proc) {
        Path self = proc.resolve("self");
        List<String> mounts = lines(self.resolve("mountinfo"));
        return new Evidence(
                ids(lines(self.resolve("cgroup")).stream()),
                ids(mounts.stream()
                        .map(mount -> mount.split(" "))
                        .filter(columns -> columns.length > MOUNT_POINT_COLUMN
                                && ENGINE_MADE_FILES.contains(columns[MOUNT_POINT_COLUMN]))
                        .map(columns -> columns[SOURCE_COLUMN])),
                mounts.stream()
                        .filter(mount -> mount.contains(" / / "))
                        .map(mount -> UPPER_DIR.matcher(mount.substring(mount.lastIndexOf(' ') + 1)))
                        .filter(Matcher::find)
                        .map(found -> found.group(1))
                        .reduce((earlier, later) -> later),
                pids(proc),
                text(proc.resolve("sys/kernel/hostname")).strip(),
                Set.copyOf(List.of(text(self.resolve("environ")).split("\0"))));
    }

    @Override
    public String toString() {
        return "cgroup path: " + shown(cgroupIds) + "; mounts of /etc/hosts and the like: " + shown(mountIds)
                + "; upper folder of the root mount: " + rootUpperDir.orElse("none") + "; process ids: " + pids
                + "; hostname: " + hostname;
    }

    private static String shown(Set<String> ids) {
        return ids.isEmpty() ? "no id" : String.join(", ", ids);
    }

    private static Set<String> ids(Stream<String> texts) {
        Set<String> ids = new LinkedHashSet<>();
        texts.forEach(text -> ID.matcher(text)
                .results()
                .map(java.util.regex.MatchResult::group)
                .forEach(ids::add));
        return ids;
    }

    private static Set<Long> pids(Path proc) {
        Set<Long> pids = new LinkedHashSet<>();
        String pid = "self";
        while (!pid.equals("0")) {
            String stat = text(proc.resolve(pid).resolve("stat"));
            int endOfName = stat.lastIndexOf(')');
            if (endOfName < 0) {
                break;
            }
            pids.add(Long.parseLong(stat.substring(0, stat.indexOf(' '))));
            pid = new Scanner(stat.substring(endOfName + 1)).skip(" . ").next();
        }
        return pids;
    }

    private static List<String> lines(Path file) {
        return text(file).lines().toList();
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
