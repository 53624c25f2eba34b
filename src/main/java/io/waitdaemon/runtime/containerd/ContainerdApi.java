package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Empty;
import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.SocketMount;
import io.waitdaemon.runtime.SocketPath;
import io.waitdaemon.runtime.TlsContext;
import io.waitdaemon.runtime.containerd.api.IntrospectionGrpc;
import io.waitdaemon.runtime.containerd.api.ListNamespacesRequest;
import io.waitdaemon.runtime.containerd.api.Namespace;
import io.waitdaemon.runtime.containerd.api.NamespacesGrpc;
import io.waitdaemon.runtime.containerd.api.ServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection to containerd, made when it is first used. What belongs to a namespace is behind {@link #in(String)}.
 * Failures of all calls are {@link EngineException}s with containerd's own words.
 */
final class ContainerdApi implements AutoCloseable {

    /** Of containerd itself (pkg/defaults, 1.6 to 2.1); gRPC's own default is less than a long list of containers. */
    private static final int LONGEST_MESSAGE = 16 << 20;

    private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final ContainerdAddress address;
    private final ManagedChannel channel;
    private final ContainerdCalls calls;

    ContainerdApi(ContainerdAddress address) {
        this.address = address;
        this.channel = channel(address);
        this.calls = new ContainerdCalls(address, channel::resetConnectBackoff);
    }

    /**
     * What containerd says of its process: the sign of life that a probe asks for.
     *
     * @throws EngineException also when this is containerd's TCP listener, which serves nothing but CRI
     */
    ServerResponse server() {
        try {
            return calls.make(PROBE_LIMIT, limit -> limit.on(IntrospectionGrpc.newBlockingStub(channel))
                    .server(Empty.getDefaultInstance()));
        } catch (EngineException e) {
            if (e.kind() != Kind.UNAVAILABLE || !address.secure()) {
                throw e;
            }
            // an end of TLS that does not believe the other one often ends the connection without a word
            throw new EngineException(
                    e.kind(),
                    e.getMessage() + ". Check that CONTAINERD_TLS_CA issued the certificate of the other side, and that"
                            + " CONTAINERD_TLS_CERT and CONTAINERD_TLS_KEY are set and believed there",
                    e);
        }
    }

    /** The names of all namespaces. */
    List<String> namespaces() {
        return calls
                .make(limit -> limit.on(NamespacesGrpc.newBlockingStub(channel))
                        .list(ListNamespacesRequest.getDefaultInstance()))
                .getNamespacesList()
                .stream()
                .map(Namespace::getName)
                .toList();
    }

    ContainerdNamespace in(String namespace) {
        return new ContainerdNamespace(channel, calls, namespace);
    }

    /** @throws EngineException of kind {@code CUT_OFF} when the mounted socket is that of a containerd that has ended */
    void checkWay() {
        address.socket().ifPresent(socket -> SocketMount.check("containerd", socket));
    }

    /** What cannot be closed in time is left to the end of the process. */
    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ManagedChannel channel(ContainerdAddress address) {
        URI uri = address.uri();
        OkHttpChannelBuilder builder = address.socket()
                .map(socket -> OkHttpChannelBuilder.forAddress("127.0.0.1", 1)
                        .socketFactory(new UnixSocketFactory(SocketPath.connectable(socket)))
                        .overrideAuthority("localhost")
                        .usePlaintext())
                .orElseGet(() -> OkHttpChannelBuilder.forAddress(uri.getHost(), uri.getPort()));
        if (address.secure()) {
            builder.sslSocketFactory(TlsContext.of(address.tls(), "of CONTAINERD_TLS_CA, …_CERT, …_KEY")
                    .getSocketFactory());
        } else {
            builder.usePlaintext();
        }
        // an engine is reached directly, whatever proxy the machine has for the web
        return builder.proxyDetector(target -> null)
                .maxInboundMessageSize(LONGEST_MESSAGE)
                .build();
    }
}
