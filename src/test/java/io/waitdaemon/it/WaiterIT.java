package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Result;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Does the waiter get no more than it needs (SPEC §4), however much the action was given? */
@ResourceLock(Engine.LOCK)
@OnBothImages
class WaiterIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration A_FEW_SECONDS = Duration.ofSeconds(5);

    private final Agent agent = new Agent(Engine.shared());
    private final DockerCli docker = agent.docker();
    private final Action action = given();
    private final String waiter = action.waiter();

    private Action given() {
        return agent.run(
                        List.of(
                                "--env",
                                "WAIT_SECONDS=600",
                                "--env",
                                "SECRET=of-the-user",
                                "--volume",
                                "/tmp:/host-tmp",
                                "--volume",
                                "/anonymous",
                                "--tmpfs",
                                "/scratch",
                                "--cap-add",
                                "NET_ADMIN",
                                "--security-opt",
                                "seccomp=unconfined",
                                "--device",
                                "/dev/null:/dev/other",
                                "--pid",
                                "host",
                                "--ipc",
                                "host",
                                "--network",
                                "host",
                                "--uts",
                                "host",
                                "--group-add",
                                "44",
                                "--add-host",
                                "tink:192.0.2.2",
                                "--label",
                                "rack=7",
                                "--restart",
                                "on-failure:7",
                                "--tty"),
                        "sleep",
                        "1")
                .succeeded();
    }

    @AfterEach
    void clear() {
        action.forceRemoveAll();
    }

    @Test
    void waiter_is_given_the_socket_and_nothing_of_the_user() {
        JsonObject container = docker.inspect(waiter);
        JsonObject config = container.getJsonObject("Config");
        JsonObject host = container.getJsonObject("HostConfig");

        assertThat(host.getBoolean("Privileged")).isFalse();
        assertThat(host.getJsonArray("CapDrop")).hasToString("[\"ALL\"]");
        assertThat(host.getJsonArray("SecurityOpt")).hasToString("[\"no-new-privileges\"]");
        assertThat(host.getBoolean("ReadonlyRootfs")).isTrue();
        assertThat(host.getString("NetworkMode")).isEqualTo("none");
        assertThat(host.getString("PidMode")).isEmpty();
        assertThat(host.getString("IpcMode")).isEqualTo("private");
        assertThat(host.getString("UTSMode")).isEmpty();
        assertThat(host.getJsonObject("RestartPolicy").getString("Name")).isEqualTo("on-failure");
        assertThat(List.of(
                        "CapAdd", "Binds", "Devices", "GroupAdd", "ExtraHosts", "Tmpfs", "VolumesFrom", "PortBindings"))
                .allSatisfy(field -> assertThat(host.getOrDefault(field, JsonValue.NULL))
                        .as(field)
                        .isIn(JsonValue.NULL, JsonValue.EMPTY_JSON_ARRAY, JsonValue.EMPTY_JSON_OBJECT));
        assertThat(container.getJsonArray("Mounts").getValuesAs(JsonObject.class))
                .singleElement()
                .satisfies(mount -> assertThat(mount.getString("Source"))
                        .isEqualTo(agent.engine().socket().toString()));
        assertThat(config.getJsonArray("Env")).isEmpty();
        assertThat(config.getBoolean("Tty")).isFalse();
        assertThat(container.toString()).doesNotContain("of-the-user", "rack");
        assertThat(config.getJsonObject("Labels").keySet())
                .allMatch(label -> label.startsWith("io.waitdaemon.") || label.startsWith("org.opencontainers.image."));
    }

    @Test
    void waiter_runs_the_very_image_of_the_action() {
        String image = action.inspect().getString("Image");

        assertThat(image).startsWith("sha256:");
        assertThat(docker.inspect(waiter).getString("Image")).isEqualTo(image);
        assertThat(docker.inspect(waiter).getJsonObject("Config").getString("Image"))
                .isEqualTo(image);
    }

    @Test
    void waiter_has_no_rights_inside() {
        String status = inside("cat", "/proc/1/status").ok().out();
        Result write = inside("touch", "/tmp/file");

        assertThat(status)
                .containsPattern("CapEff:\\s+0000000000000000\n")
                .containsPattern("CapPrm:\\s+0000000000000000\n")
                .containsPattern("CapBnd:\\s+0000000000000000\n")
                .containsPattern("NoNewPrivs:\\s+1\n")
                .containsPattern("Seccomp:\\s+2\n");
        assertThat(write.exit()).isNotZero();
        assertThat(write.err()).contains("Read-only file system");
        assertThat(inside("ls", "/sys/class/net").ok().line()).isEqualTo("lo");
        assertThat(inside("ls", "/host-tmp").exit()).isNotZero();
        assertThat(inside("cat", "/proc/1/environ").ok().out()).doesNotContain("of-the-user", "WAIT_SECONDS");
    }

    @Test
    void waiter_that_is_stopped_ends_soon_and_never_starts_the_target() {
        try (Events events = Events.of(docker)) {
            String target = action.target();
            docker.ok("stop", "--time", "30", waiter);

            Events.Event asked = events.await(event -> event.action().equals("kill") && event.isOf(waiter), SOON);
            Events.Event ended = events.awaitDie(waiter, SOON);
            assertThat(ended.after(asked)).isLessThan(A_FEW_SECONDS);
            assertThat(ended.attribute("exitCode")).contains("143");
            assertThat(events.count(waiter, "start")).isZero();
            assertThat(events.count(target, "start")).isZero();
            assertThat(docker.inspect(waiter).getJsonObject("State").getBoolean("Running"))
                    .isFalse();
        }
    }

    private Result inside(String... command) {
        List<String> line = new ArrayList<>(List.of("exec", waiter, "/bin/busybox"));
        line.addAll(List.of(command));
        return docker.run(line.toArray(String[]::new));
    }
}
