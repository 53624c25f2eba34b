import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Gives the training of the AOT cache somebody to talk to where no engine is: says on a unix socket what a Docker Engine
 * says during a handoff. It is in no image and proves nothing; the tests use real engines.
 *
 * <pre>java TrainingEngine.java SOCKET SOCKET-AS-WAITDAEMON-NAMES-IT PID-OF-AN-ANCESTOR-OF-WAITDAEMON</pre>
 */
final class TrainingEngine {

    private static final String ID = "1f".repeat(32);
    private static final CountDownLatch WAITER_STARTED = new CountDownLatch(1);

    private TrainingEngine() {}

    public static void main(String... arguments) throws IOException {
        String inspection = inspection(arguments[1], arguments[2]);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(Path.of(arguments[0])));
            while (true) {
                SocketChannel client = server.accept();
                Thread thread = new Thread(() -> serve(client, inspection));
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private static void serve(SocketChannel client, String inspection) {
        try (client) {
            BufferedReader in = new BufferedReader(
                    new InputStreamReader(Channels.newInputStream(client), StandardCharsets.ISO_8859_1));
            OutputStream out = Channels.newOutputStream(client);
            for (String request = in.readLine(); request != null; request = in.readLine()) {
                skipRest(in);
                answer(request, inspection, out);
            }
        } catch (IOException | InterruptedException e) {
            // the client has gone, and with it the reason for this connection
        }
    }

    private static void skipRest(BufferedReader in) throws IOException {
        long length = 0;
        boolean chunked = false;
        for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
            String lower = header.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(header.substring(header.indexOf(':') + 1).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
        }
        while (chunked) {
            length = Long.parseLong(in.readLine(), 16);
            chunked = length > 0;
            in.skip(length);
            in.readLine();
            length = 0;
        }
        for (long left = length; left > 0; left -= in.skip(left)) {}
    }

    private static void answer(String request, String inspection, OutputStream out)
            throws IOException, InterruptedException {
        String path = request.split(" ")[1];
        if (path.startsWith("/_ping")) {
            write(out, "200 OK", "OK");
        } else if (path.startsWith("/images/create")) {
            write(out, "200 OK", "{\"status\":\"Pulling fs layer\",\"id\":\"1f1f\"}\r\n{\"status\":\"Pull complete\",\"id\":\"1f1f\"}\r\n");
        } else if (path.startsWith("/images/")) {
            write(out, "200 OK", "{\"Id\":\"sha256:" + ID + "\",\"Config\":{\"Env\":null,\"Entrypoint\":[\"/waitdaemon\"],\"Labels\":{\"a\":\"b\"}}}");
        } else if (path.startsWith("/containers/json")) {
            write(out, "200 OK", "[]");
        } else if (path.startsWith("/containers/create")) {
            write(out, "201 Created", "{\"Id\":\"" + ID + "\",\"Warnings\":[]}");
        } else if (path.startsWith("/events")) {
            String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            WAITER_STARTED.await();
            String event = "{\"Type\":\"container\",\"Action\":\"rename\"}\n";
            out.write((Integer.toHexString(event.length()) + "\r\n" + event + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        } else if (path.endsWith("/start")) {
            out.write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            WAITER_STARTED.countDown();
        } else {
            write(out, "200 OK", inspection);
        }
    }

    private static void write(OutputStream out, String status, String body) throws IOException {
        String message = "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
        out.write(message.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String inspection(String socket, String pid) {
        return """
            {"Id":"%s","Name":"/action","Image":"sha256:%s",
             "State":{"Status":"running","Running":true,"Pid":%s,"ExitCode":0,
                      "StartedAt":"2026-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"},
             "GraphDriver":{"Name":"overlay2","Data":{}},
             "HostConfig":{"Binds":["%s:%s"],"NetworkMode":"default","PidMode":"host","Links":null,"Privileged":true,
                           "RestartPolicy":{"Name":"","MaximumRetryCount":0},"AutoRemove":false,"Memory":0},
             "Mounts":[{"Type":"bind","Source":"%s","Destination":"%s","Mode":"","RW":true}],
             "Config":{"Hostname":"%s","Env":["IMAGE=training","SECRET=none"],"Cmd":["reboot","-f"],"Image":"waitdaemon",
                       "Entrypoint":["/waitdaemon"],"Labels":{"a":"b"},"Volumes":null,"ExposedPorts":{"80/tcp":{}}},
             "NetworkSettings":{"Networks":{"lan":{"IPAMConfig":null,"Aliases":["a"],"NetworkID":"%s"}}}}
            """.formatted(ID, ID, pid, socket, socket, socket, socket, ID.substring(0, 12), ID);
    }
}
