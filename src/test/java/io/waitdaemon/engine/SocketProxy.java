package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A way to a containerd's socket from the network, as operators make it: containerd's own TCP listener serves nothing but
 * CRI. Carries bytes; what is spoken is between the client and containerd.
 */
public final class SocketProxy implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Process process;
    private final String host;
    private final int port;
    private final Path log;

    private SocketProxy(Process process, String host, int port, Path log) {
        this.process = process;
        this.host = host;
        this.port = port;
        this.log = log;
    }

    /** socat, without TLS. */
    public static SocketProxy tcp(PrivateContainerd containerd) {
        return tcp(containerd, "127.0.0.1:" + freePort());
    }

    /** socat, without TLS, for the containers on the bridge. */
    public static SocketProxy tcpForBridge(PrivateContainerd containerd) {
        return tcp(containerd, containerd.gateway() + ":" + freePort());
    }

    /** socat, without TLS, at an address that an earlier one had. */
    public static SocketProxy tcp(PrivateContainerd containerd, String address) {
        String host = address.substring(0, address.indexOf(':'));
        int port = Integer.parseInt(address.substring(host.length() + 1));
        return started(
                containerd,
                host,
                port,
                List.of(
                        "socat",
                        "TCP-LISTEN:" + port + ",bind=" + host + ",reuseaddr,fork",
                        "UNIX-CONNECT:" + containerd.socket()));
    }

    /**
     * nginx, with TLS, ALPN {@code h2} and nothing else, and a client certificate of this authority required. A client
     * without one sees the connection end just after the handshake, since nginx looks at certificates only then.
     */
    public static SocketProxy tls(PrivateContainerd containerd, Path certificate, Path key, Path clientAuthority) {
        int port = freePort();
        Path modules = ContainerdPrograms.get().debian().resolve("tools/usr/lib/nginx/modules");
        Path config = containerd.folder().resolve("nginx-" + port + ".conf");
        try {
            Files.writeString(config, """
                    load_module %s/ngx_stream_module.so;
                    daemon off;
                    master_process off;
                    pid %s.pid;
                    events {}
                    stream {
                      server {
                        listen 127.0.0.1:%d ssl;
                        ssl_certificate %s;
                        ssl_certificate_key %s;
                        ssl_client_certificate %s;
                        ssl_verify_client on;
                        ssl_alpn h2;
                        proxy_timeout 1h;
                        proxy_pass unix:%s;
                      }
                    }
                    """.formatted(
                            modules, config, port, certificate, key, clientAuthority, containerd.socket()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + config, e);
        }
        return started(containerd, "127.0.0.1", port, List.of("nginx", "-e", "stderr", "-c", config.toString()));
    }

    /** For example {@code 127.0.0.1:41233}. */
    public String address() {
        return host + ":" + port;
    }

    /** Ends the proxy and every connection through it. */
    @Override
    public void close() {
        // socat's connections are processes of their own, which would outlive it
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Await.until(LIMIT, () -> !process.isAlive(), () -> "The proxy at " + address() + " does not end");
    }

    /** Runs inside, so that it goes with containerd at the latest. */
    private static SocketProxy started(PrivateContainerd containerd, String host, int port, List<String> command) {
        Path log = containerd.folder().resolve(command.getFirst() + "-" + port + ".log");
        ProcessBuilder.Redirect output = ProcessBuilder.Redirect.to(log.toFile());
        SocketProxy proxy = new SocketProxy(containerd.begin(command, output, output), host, port, log);
        Await.until(LIMIT, () -> proxy.listens() || !proxy.process.isAlive(), proxy::complaint);
        if (!proxy.process.isAlive()) {
            throw new AssertionError(proxy.complaint());
        }
        return proxy;
    }

    private String complaint() {
        try {
            return "The proxy at " + address() + " does not work: " + Files.readString(log);
        } catch (IOException e) {
            return "The proxy at " + address() + " does not work: " + e;
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("No free port", e);
        }
    }
}
