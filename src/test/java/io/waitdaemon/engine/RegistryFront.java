package io.waitdaemon.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Another way to a {@link Registry}: with TLS, or over a line of which one can see that it is slow. */
public final class RegistryFront implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int BACKLOG = 50;
    private static final int CHUNK = 64 * 1024;
    private static final String PASSWORD = "secret";

    private final Registry registry;
    private final ServerSocket listener;
    private final int bytesPerSecond;

    private RegistryFront(Registry registry, ServerSocket listener, int bytesPerSecond) {
        this.registry = registry;
        this.listener = listener;
        this.bytesPerSecond = bytesPerSecond;
        Thread.ofVirtual().name("registry front").start(this::accept);
    }

    /** With a certificate for 127.0.0.1, as PEM files. */
    public static RegistryFront tls(Registry registry, Path certificate, Path key) {
        return tls(registry, LOOPBACK, certificate, key);
    }

    /** At another address of this machine; containerd trusts everybody at 127.0.0.1. */
    public static RegistryFront tls(Registry registry, String host, Path certificate, Path key) {
        return new RegistryFront(registry, listener(host, tlsContext(certificate, key)), 0);
    }

    /** As {@link #tls}, or without where the context is none; each connection carries at most so much to the client. */
    public static RegistryFront slow(
            Registry registry, int bytesPerSecond, @Nullable Path certificate, @Nullable Path key) {
        SSLContext context = certificate == null || key == null ? null : tlsContext(certificate, key);
        return new RegistryFront(registry, listener(LOOPBACK, context), bytesPerSecond);
    }

    /** For example {@code 127.0.0.1:41233}. */
    public String address() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // closed, or a client that was gone at once
            }
        }
    }

    /** A registry that is away is a connection that ends at once. */
    private void serve(Socket client) {
        String[] place = registry.address().split(":");
        try (client;
                Socket server = new Socket(place[0], Integer.parseInt(place[1]))) {
            Thread requests = Thread.ofVirtual().start(() -> {
                try {
                    client.getInputStream().transferTo(server.getOutputStream());
                    server.shutdownOutput();
                } catch (IOException e) {
                    // one of the two is gone
                }
            });
            answers(server.getInputStream(), client.getOutputStream());
            client.close();
            requests.interrupt();
        } catch (IOException e) {
            // one of the two is gone
        }
    }

    private void answers(InputStream from, OutputStream to) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
            to.write(chunk, 0, count);
            if (bytesPerSecond > 0) {
                LockSupport.parkNanos(count * 1_000_000_000L / bytesPerSecond);
            }
        }
    }

    private static ServerSocket listener(String host, @Nullable SSLContext context) {
        try {
            InetAddress here = InetAddress.getByName(host);
            return context == null
                    ? new ServerSocket(0, BACKLOG, here)
                    : context.getServerSocketFactory().createServerSocket(0, BACKLOG, here);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SSLContext tlsContext(Path certificate, Path key) {
        try {
            Path store = Files.createTempFile("wd-front", ".p12");
            try {
                Command.run(
                                Command.need("openssl"),
                                "pkcs12",
                                "-export",
                                "-in",
                                certificate.toString(),
                                "-inkey",
                                key.toString(),
                                "-passout",
                                "pass:" + PASSWORD,
                                "-out",
                                store.toString())
                        .ok();
                KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
                KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                own.init(keys, PASSWORD.toCharArray());
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(own.getKeyManagers(), null, null);
                return context;
            } finally {
                Files.delete(store);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot use " + certificate + " and " + key, e);
        }
    }
}
