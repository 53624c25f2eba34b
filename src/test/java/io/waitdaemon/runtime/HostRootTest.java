package io.waitdaemon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.runtime.HostRoot.ListeningSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does a file system look like from outside, through its processes' entries in /proc? */
class HostRootTest {

    private static final Path DOCKER_SOCK = Path.of("/var/run/docker.sock");

    @TempDir
    private Path proc;

    private HostRoot hostRoot;
    private Path init;

    @BeforeEach
    void pid_1_has_a_root() throws IOException {
        hostRoot = new HostRoot(proc);
        init = Files.createDirectories(proc.resolve("1/root"));
    }

    /** JUnit warns of links that lead out of its folder. */
    @AfterEach
    void remove_links() throws IOException {
        try (Stream<Path> files = Files.walk(proc)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    @Test
    void known_path_is_found_below_the_root_of_pid_1() throws IOException {
        Path socket = file(init.resolve("run/docker.sock"));

        assertThat(hostRoot.ofInit(Path.of("/run/docker.sock"))).contains(socket);
        assertThat(hostRoot.ofInit(Path.of("/run/containerd/containerd.sock"))).isEmpty();
    }

    @Test
    void absolute_link_leads_into_the_root_of_the_host_not_into_ours() throws IOException {
        Path socket = file(init.resolve("run/docker.sock"));
        link(init.resolve("var/run"), "/run");

        assertThat(hostRoot.ofInit(DOCKER_SOCK)).contains(socket);
    }

    @Test
    void chain_of_links_is_followed_whether_they_are_relative_or_absolute() throws IOException {
        Path socket = file(init.resolve("run/engine/api.sock"));
        link(init.resolve("var/run"), "../run");
        link(init.resolve("run/docker.sock"), "/var/run/current/api.sock");
        link(init.resolve("run/current"), "engine");

        Path found = hostRoot.ofInit(DOCKER_SOCK).orElseThrow();

        assertThat(found.toRealPath()).isEqualTo(socket.toRealPath());
    }

    @Test
    void parent_of_the_root_is_the_root() throws IOException {
        Path socket = file(init.resolve("run/docker.sock"));
        file(proc.resolve("run/docker.sock"));
        link(init.resolve("var/run"), "../../../../run");

        Path found = hostRoot.ofInit(DOCKER_SOCK).orElseThrow();

        assertThat(found.toRealPath()).isEqualTo(socket.toRealPath());
    }

    @Test
    void links_in_a_circle_lead_nowhere() throws IOException {
        link(init.resolve("var/run"), "/run");
        link(init.resolve("run"), "/var/run");
        link(init.resolve("itself"), "itself");

        assertThat(hostRoot.ofInit(DOCKER_SOCK)).isEmpty();
        assertThat(hostRoot.ofInit(Path.of("/itself"))).isEmpty();
    }

    @Test
    void dangling_link_leads_nowhere() throws IOException {
        link(init.resolve("var/run"), "/gone");

        assertThat(hostRoot.ofInit(DOCKER_SOCK)).isEmpty();
    }

    @Test
    void only_sockets_that_the_daemon_itself_listens_on_by_a_path_are_listed() throws IOException {
        Path daemon = daemon(42, "dockerd", "101", "102", "103", "104", "106");
        Path mine = file(daemon.resolve("root/run/my engine.sock"));
        file(daemon.resolve("root/run/somebody-elses.sock"));
        file(daemon.resolve("root/run/connected.sock"));
        Files.writeString(daemon.resolve("net/unix"), """
                Num       RefCount Protocol Flags    Type St Inode Path
                0000000000000000: 00000002 00000000 00010000 0001 01   101 /run/my engine.sock
                0000000000000000: 00000003 00000000 00000000 0001 03   102 /run/connected.sock
                0000000000000000: 00000002 00000000 00010000 0001 01   103 @/abstract
                0000000000000000: 00000003 00000000 00000000 0001 03   104
                0000000000000000: 00000002 00000000 00010000 0001 01   105 /run/somebody-elses.sock
                0000000000000000: 00000002 00000000 00010000 0001 01   106 /run/removed.sock
                """);

        assertThat(hostRoot.listening("dockerd"))
                .containsExactly(new ListeningSocket(42, Path.of("/run/my engine.sock"), mine));
    }

    @Test
    void processes_of_other_names_and_unreadable_ones_are_passed_by() throws IOException {
        Path other = daemon(42, "dockerd-shim", "101");
        file(other.resolve("root/run/docker.sock"));
        listens(other, "101", "/run/docker.sock");
        Files.createDirectories(proc.resolve("43"));
        Files.writeString(proc.resolve("43/comm"), "dockerd\n");
        Files.createDirectories(proc.resolve("sys/kernel"));

        assertThat(hostRoot.listening("dockerd")).isEmpty();
    }

    @Test
    void every_one_of_several_daemons_is_listed_below_its_own_root() throws IOException {
        Path one = daemon(42, "dockerd", "101");
        Path other = daemon(43, "dockerd", "102");
        for (Path each : new Path[] {one, other}) {
            file(each.resolve("root/run/docker.sock"));
            Files.writeString(
                    each.resolve("net/unix"), row("101", "/run/docker.sock") + row("102", "/run/docker.sock"));
        }

        assertThat(hostRoot.listening("dockerd"))
                .extracting(ListeningSocket::reached)
                .containsExactlyInAnyOrder(one.resolve("root/run/docker.sock"), other.resolve("root/run/docker.sock"));
    }

    /** HookOS: LinuxKit's service hook-docker binds the host's /var/run/docker over its own /var/run. */
    @Test
    void daemon_in_a_mount_namespace_of_its_own_is_asked_for_its_own_path() throws IOException {
        Path onHost = Path.of("/var/run/docker/docker.sock");
        Path socket = file(init.resolve("run/docker/docker.sock"));
        link(init.resolve("var/run"), "/run");
        Path daemon = daemon(42, "dockerd", "101");
        Files.createDirectories(daemon.resolve("root/run"));
        link(daemon.resolve("root/var/run"), "/run");
        Files.createLink(daemon.resolve("root/run/docker.sock"), socket);
        listens(daemon, "101", DOCKER_SOCK.toString());

        Path reached = hostRoot.ofInit(onHost).orElseThrow();

        assertThat(reached).isEqualTo(socket);
        assertThat(hostRoot.seenByDaemon("dockerd", reached, onHost)).isEqualTo(DOCKER_SOCK);
    }

    @Test
    void path_of_the_host_stands_where_no_daemon_can_be_seen() throws IOException {
        Path socket = file(init.resolve("run/docker.sock"));
        Path daemon = daemon(42, "dockerd", "101");
        file(daemon.resolve("root/run/other.sock"));
        listens(daemon, "101", "/run/other.sock");

        assertThat(hostRoot.seenByDaemon("dockerd", socket, Path.of("/run/docker.sock")))
                .isEqualTo(Path.of("/run/docker.sock"));
    }

    @Test
    void pid_1_of_this_very_container_is_an_obstacle() throws IOException {
        link(proc.resolve("self/ns/mnt"), "mnt:[4026531840]");
        link(proc.resolve("1/ns/mnt"), "mnt:[4026531840]");

        assertThat(hostRoot.obstacle())
                .hasValueSatisfying(reason -> assertThat(reason).contains("pid: host"));
    }

    @Test
    void pid_1_of_the_host_is_none_and_neither_is_one_that_may_not_be_looked_at() throws IOException {
        link(proc.resolve("self/ns/mnt"), "mnt:[4026532001]");

        assertThat(hostRoot.obstacle()).isEmpty();

        link(proc.resolve("1/ns/mnt"), "mnt:[4026531840]");

        assertThat(hostRoot.obstacle()).isEmpty();
    }

    private Path daemon(int pid, String name, String... inodes) throws IOException {
        Path process = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        Files.createDirectories(process.resolve("root"));
        Files.createDirectories(process.resolve("net"));
        Files.writeString(process.resolve("comm"), name + "\n");
        int number = 3;
        for (String inode : inodes) {
            link(process.resolve("fd").resolve(Integer.toString(number++)), "socket:[" + inode + "]");
        }
        link(process.resolve("fd/0"), "anon_inode:[eventpoll]");
        return process;
    }

    private static void listens(Path process, String inode, String path) throws IOException {
        Files.writeString(process.resolve("net/unix"), row(inode, path));
    }

    /** As proc_net_unix(5) has it: number, reference count, protocol, flags, type, state, inode, path. */
    private static String row(String inode, String path) {
        return "0000000000000000: 00000002 00000000 00010000 0001 01 " + inode + " " + path + "\n";
    }

    private static Path file(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        return Files.createFile(path);
    }

    private static void link(Path link, String target) throws IOException {
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(target));
    }
}
