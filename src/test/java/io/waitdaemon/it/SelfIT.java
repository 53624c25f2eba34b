package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.it.Agent.Action;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Does the action know which container it is, however much its surroundings look like another's? */
@ResourceLock(Engine.LOCK)
class SelfIT {

    private static final String ANY = "its (cgroup path|process id|root mount|mounts)";
    private static final int CROWD = 50;

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();

    @Test
    void action_with_host_network_finds_itself() {
        finds_itself(ANY, "--network", "host");
    }

    @Test
    void action_in_all_the_host_namespaces_that_docker_offers_finds_itself() {
        finds_itself(ANY, "--network", "host", "--pid", "host", "--uts", "host", "--ipc", "host");
    }

    @Test
    void action_with_pid_host_in_a_private_cgroup_namespace_finds_itself_by_its_process() {
        finds_itself("its process id", "--cgroupns", "private", "--network", "host", "--pid", "host", "--uts", "host");
    }

    @Test
    void action_with_a_hostname_of_the_user_finds_itself() {
        finds_itself(ANY, "--hostname", "machine-1.example.org");
    }

    @Test
    void action_in_a_private_cgroup_namespace_finds_itself_without_its_cgroup() {
        finds_itself("its (root mount|mounts)", "--cgroupns", "private");
    }

    @Test
    void action_is_not_taken_for_the_one_whose_network_it_shares() {
        String other = docker.ok(
                        "run", "--detach", "--entrypoint", "/bin/busybox", WaitdaemonImage.NAME, "sleep", "600")
                .line();
        try {
            finds_itself("its root mount", "--cgroupns", "private", "--network", "container:" + other);
        } finally {
            docker.ok("rm", "--force", other);
        }
    }

    @Test
    void action_is_not_taken_for_the_one_that_is_called_like_its_host() {
        String name = "0123456789ab";
        docker.ok("run", "--detach", "--name", name, "target", "sleep", "600");
        try {
            finds_itself(ANY, "--hostname", name);
            finds_itself("its (root mount|mounts)", "--hostname", name, "--cgroupns", "private");
        } finally {
            docker.ok("rm", "--force", name);
        }
    }

    @Test
    void action_finds_itself_in_a_crowd() throws Exception {
        List<String> crowd = crowd();
        try {
            finds_itself(ANY);
            finds_itself("its (root mount|mounts)", "--cgroupns", "private", "--hostname", "machine-1");
        } finally {
            List<String> line = new ArrayList<>(List.of("rm", "--force"));
            line.addAll(crowd);
            docker.ok(line.toArray(String[]::new));
        }
    }

    @Test
    void action_below_an_init_process_finds_itself() {
        finds_itself(ANY, "--init");
        finds_itself(ANY, "--init", "--cgroupns", "private");
    }

    @Test
    void action_with_a_read_only_root_finds_itself() {
        finds_itself(ANY, "--read-only");
        finds_itself("its (root mount|mounts)", "--read-only", "--cgroupns", "private");
    }

    @Test
    void action_with_its_own_hosts_files_finds_itself(@TempDir Path folder) throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n");
        Path hostname = Files.writeString(folder.resolve("hostname"), "machine-1\n");
        List<String> mounts =
                List.of("--volume", hosts + ":/etc/hosts", "--volume", hostname + ":/etc/hostname", "--cgroupns");

        finds_itself(ANY, with(mounts, "host"));
        finds_itself("its (root mount|mounts)", with(mounts, "private"));
    }

    @Test
    void process_outside_any_container_is_told_so_and_creates_nothing() throws Exception {
        try (Events events = Events.of(docker)) {
            List<String> line = new ArrayList<>(WaitdaemonImage.program());
            line.addAll(List.of("echo", "the target ran"));
            ProcessBuilder outside = new ProcessBuilder(line);
            outside.environment().putAll(Map.of("IMAGE", "target", "DOCKER_HOST", docker.host()));
            Process process = outside.redirectErrorStream(true).start();
            String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).as(log).isEqualTo(1);
            assertThat(log)
                    .contains("Cannot tell which container this is", docker.host(), "does not run this container")
                    .contains("Found in /proc: cgroup path", "hostname", "give the action pid: host")
                    .doesNotContain("\\tat ", "Exception");
            assertThat(events.upToNow()).noneMatch(event -> event.action().equals("create"));
        }
    }

    /** One action that hands off; the log, the target and the waiter must all be about it and no other. */
    private void finds_itself(String confirmation, String... options) {
        String name = Agent.newName("self");
        List<String> all = new ArrayList<>(List.of("--label", "of=" + name, "--env", "WAIT_SECONDS=600"));
        all.addAll(List.of(options));
        Action action = agent.run(name, all).succeeded();
        try {
            assertThat(action.log())
                    .containsPattern("runs this container, " + name + " \\("
                            + action.id().substring(0, 12) + "\\), known by " + confirmation + "\\.");
            assertThat(docker.inspect(action.target())
                            .getJsonObject("Config")
                            .getJsonObject("Labels")
                            .getString("of"))
                    .isEqualTo(name);
            assertThat(docker.inspect(action.waiter()).getString("Name")).startsWith("/" + name + "-waiter-");
        } finally {
            action.made("waiter").forEach(waiter -> docker.ok("rm", "--force", waiter));
            action.made("target").forEach(target -> docker.ok("rm", "--force", target));
            action.forceRemove();
        }
    }

    private List<String> crowd() throws InterruptedException, ExecutionException {
        List<Future<String>> started = new ArrayList<>();
        try (ExecutorService hands = Executors.newFixedThreadPool(6)) {
            for (int i = 0; i < CROWD; i++) {
                started.add(hands.submit(() -> docker.ok(
                                "run", "--detach", "--network", "none", "--stop-timeout", "0", "target", "sleep", "600")
                        .line()));
            }
            hands.shutdown();
            assertThat(hands.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
        }
        List<String> crowd = new ArrayList<>();
        for (Future<String> one : started) {
            crowd.add(one.get());
        }
        return crowd;
    }

    private static String[] with(List<String> options, String last) {
        List<String> all = new ArrayList<>(options);
        all.add(last);
        return all.toArray(String[]::new);
    }
}
