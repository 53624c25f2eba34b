package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.it.Agent.Action;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What does an operator see whose action can reach no engine, and how soon (SPEC §6)? */
@ResourceLock(Engine.LOCK)
@ResourceLock(Containerds.LOCK)
class NoRuntimeIT {

    private static final Duration ALL_PROBES = Duration.ofSeconds(10);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Agent agent = new Agent(Engine.shared());
    private final Path socket = agent.engine().folder().resolve("other-" + NUMBER.incrementAndGet() + ".sock");

    @AfterEach
    void remove_the_socket() throws IOException {
        Files.deleteIfExists(socket);
    }

    @Test
    void without_socket_and_pid_host_every_probe_is_listed_with_its_reason() {
        Action action = agent.runBare(Agent.newName("alone"), List.of("--env", "IMAGE=target"));

        assertThat(refusal(action))
                .contains("No usable container runtime")
                .contains("docker at unix:///var/run/docker.sock: no such file")
                .contains("docker at unix:///run/docker.sock: no such file")
                .contains("docker through the host root: process 1 is in this container too")
                .contains("Mount the engine's socket into the action or give it pid: host");
    }

    @Test
    void file_that_is_no_socket() throws IOException {
        Files.writeString(socket, "");

        assertThat(refusal(actionWithSocket())).contains("docker at unix:///var/run/docker.sock: ", "is not a socket");
    }

    @Test
    void folder_that_the_engine_made_since_the_mounted_path_did_not_exist() {
        Action action = actionWithSocket();

        assertThat(refusal(action))
                .contains("docker at unix:///var/run/docker.sock: ", "is a folder", "does not exist on the host");
    }

    @Test
    void socket_that_nobody_listens_on() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();

        assertThat(refusal(actionWithSocket()))
                .contains("Cannot reach Docker at unix:///var/run/docker.sock: Connection refused");
    }

    @Test
    void socket_that_accepts_and_never_answers_holds_nobody_up() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));

            Action action = actionWithSocket();

            assertThat(refusal(action))
                    .containsPattern("docker at unix:///var/run/docker.sock: .*(no|not) answer within 5 s");
            assertThat(ranFor(action)).isLessThan(ALL_PROBES);
        }
    }

    @Test
    void socket_that_says_it_is_well_and_then_nothing_more_holds_nobody_up() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().start(() -> answerPings(server));

            Action action = actionWithSocket();

            assertThat(refusal(action)).containsPattern("docker at unix:///var/run/docker.sock: no answer within \\d");
            assertThat(ranFor(action)).isLessThan(ALL_PROBES);
        }
    }

    @Test
    void docker_host_that_refuses_is_not_replaced_by_a_socket_that_would_answer() {
        Action action = agent.run(List.of("--env", "DOCKER_HOST=tcp://127.0.0.1:1"));

        assertThat(refusal(action))
                .contains("docker at tcp://127.0.0.1:1: Cannot reach Docker", "Connection refused")
                .doesNotContain("docker.sock:");
    }

    private Action actionWithSocket() {
        return agent.runBare(
                Agent.newName("no-engine"),
                List.of("--volume", socket + ":/var/run/docker.sock", "--env", "IMAGE=target"));
    }

    private static String refusal(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(12);
        LogLine line = LogLine.error(action.log());
        assertThat(line.message()).doesNotContain("\n", "Exception");
        assertThat(line.json()).doesNotContainKeys("exception", "stackTrace");
        return line.message();
    }

    private static Duration ranFor(Action action) {
        JsonObject state = action.inspect().getJsonObject("State");
        return Duration.between(
                Instant.parse(state.getString("StartedAt")), Instant.parse(state.getString("FinishedAt")));
    }

    private static void answerPings(ServerSocketChannel server) {
        List<SocketChannel> open = new ArrayList<>();
        try {
            while (true) {
                SocketChannel client = server.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> answerPings(client));
            }
        } catch (IOException e) {
            open.forEach(NoRuntimeIT::close);
        }
    }

    private static void answerPings(SocketChannel client) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (client.read(buffer.clear()) > 0) {
                if (StandardCharsets.US_ASCII.decode(buffer.flip()).toString().startsWith("GET /_ping ")) {
                    client.write(ByteBuffer.wrap(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK".getBytes(StandardCharsets.US_ASCII)));
                }
            }
        } catch (IOException e) {
            close(client);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
