package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.PrivateDockerd;
import io.waitdaemon.it.Agent.Action;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Is an engine on the network served as one behind a socket is, with TLS and without? */
@ResourceLock(Engine.LOCK)
@OnBothImages
class TlsIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    private static PrivateDockerd engine;
    private static TlsFiles files;
    private static Agent agent;
    private static int tls;

    @BeforeAll
    static void start_an_engine_with_tls() throws IOException {
        Engine.require();
        files = new TlsFiles(folder.resolve("authority"));
        tls = freePort();
        engine = PrivateDockerd.create();
        List<String> flags = new ArrayList<>(files.engineFlags());
        flags.add("--host=tcp://127.0.0.1:" + tls);
        engine.start(flags.toArray(String[]::new));
        agent = new Agent(engine);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void whole_handoff_through_tls() throws IOException {
        Path client = files.client("pkcs8", "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048");
        try (Events events = Events.of(agent.docker())) {
            Action action = act(tls(client), "echo", "over the network").succeeded();
            String target = action.target();
            String waiter = action.waiter();

            action.forceRemove();

            assertThat(events.awaitDie(target, SOON).attribute("exitCode")).contains("0");
            assertThat(events.awaitDie(waiter, SOON).attribute("exitCode")).contains("0");
            assertThat(agent.docker().ok("logs", target).out()).isEqualTo("over the network\n");
        }
    }

    @Test
    void keys_in_their_older_forms_and_on_elliptic_curves() throws IOException {
        Path pkcs1 = files.client("pkcs1", "genrsa -traditional");
        Path sec1 = files.client("sec1", "ecparam -name secp384r1 -genkey");
        Path ec = files.client("ec", "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:prime256v1");

        assertThat(List.of(pkcs1, sec1, ec)).allSatisfy(client -> {
            List<String> options = tls(client);
            options.addAll(List.of("--env", "WAITDAEMON_DRY_RUN=true"));
            assertThat(act(options).succeeded().log()).contains("Using docker at tcp://127.0.0.1:" + tls);
        });
    }

    @Test
    void engine_of_another_authority_is_not_believed() throws IOException {
        Path client = files.client("distrustful", "genpkey -algorithm ed25519");
        TlsFiles others = new TlsFiles(folder.resolve("others"));
        Files.copy(
                others.client("x", "genpkey -algorithm ed25519").resolve("ca.pem"),
                client.resolve("ca.pem"),
                StandardCopyOption.REPLACE_EXISTING);

        assertThat(refusal(act(tls(client)))).contains("Cannot reach Docker at tcp://127.0.0.1", "trust anchors");
    }

    @Test
    void client_that_the_engine_does_not_believe() throws IOException {
        TlsFiles others = new TlsFiles(folder.resolve("strangers"));
        Path client = others.client("stranger", "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048");
        Files.copy(folder.resolve("authority/ca.pem"), client.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);

        assertThat(refusal(act(tls(client)))).contains("Cannot reach Docker at tcp://127.0.0.1");
    }

    @Test
    void key_that_cannot_be_read_is_a_reason_too() throws IOException {
        Path client = files.client("damaged", "genpkey -algorithm ed25519");
        Files.writeString(client.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\nAAAAA\n-----END PRIVATE KEY-----\n");

        assertThat(refusal(act(tls(client)))).contains("The TLS files in \"/certs\" (DOCKER_CERT_PATH)", "key.pem");
    }

    @Test
    void plain_connection_to_an_engine_that_wants_tls() {
        List<String> options = network();
        options.addAll(List.of("--env", "DOCKER_HOST=tcp://127.0.0.1:" + tls));

        assertThat(refusal(act(options))).contains("Client sent an HTTP request to an HTTPS server");
    }

    @Test
    void whole_handoff_through_plain_tcp_keeps_user_information_of_the_address_to_itself() throws IOException {
        int port = freePort();
        try (PrivateDockerd plain = PrivateDockerd.create().start("--host=tcp://127.0.0.1:" + port)) {
            Agent other = new Agent(plain);
            try (Events events = Events.of(other.docker())) {
                List<String> options = network();
                options.addAll(List.of("--env", "DOCKER_HOST=tcp://operator:hush-hush@127.0.0.1:" + port));

                Action action = other.runBare(Agent.newName("tcp"), options, "echo", "in the clear")
                        .succeeded();

                events.awaitDie(action.waiter(), SOON);
                assertThat(other.docker().ok("logs", action.target()).out()).isEqualTo("in the clear\n");
                assertThat(action.log() + action.waiterLog()).doesNotContain("hush-hush");
                assertThat(other.docker().inspect(action.waiter()).toString())
                        .contains("tcp://127.0.0.1:" + port)
                        .doesNotContain("hush-hush");
            }
        }
    }

    private Action act(List<String> options, String... command) {
        return agent.runBare(Agent.newName("tls"), options, command);
    }

    private static List<String> tls(Path client) {
        List<String> options = network();
        options.addAll(List.of(
                "--env",
                "DOCKER_HOST=tcp://127.0.0.1:" + tls,
                "--env",
                "DOCKER_TLS_VERIFY=1",
                "--env",
                "DOCKER_CERT_PATH=/certs",
                "--volume",
                client + ":/certs:ro"));
        return options;
    }

    private static List<String> network() {
        return new ArrayList<>(List.of("--network", "host", "--env", "IMAGE=target", "--env", "WAIT_SECONDS=0"));
    }

    private static String refusal(Action action) {
        assertThat(action.exit()).as(action.log()).isEqualTo(12);
        return LogLine.error(action.log()).message();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
