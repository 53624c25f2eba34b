package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.containerd.api.StreamInit;
import io.waitdaemon.runtime.containerd.api.StreamingGrpc;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream beside a transfer, known to containerd by its id. It has to be acknowledged before the transfer may name it
 * (containerd 2.1 says NOT_FOUND otherwise).
 */
final class TransferStream implements AutoCloseable {

    private static final Duration ACKNOWLEDGE_LIMIT = Duration.ofSeconds(30);

    private final String id = "waitdaemon-" + UUID.randomUUID();
    private final ContainerdCalls calls;
    private final ClientCall<Any, Any> call;
    private final CompletableFuture<Boolean> acknowledged = new CompletableFuture<>();
    private volatile @Nullable Consumer<Any> listener;
    private volatile @Nullable StreamObserver<Any> sender;

    TransferStream(Channel channel, ContainerdCalls calls) {
        this.calls = calls;
        this.call = channel.newCall(StreamingGrpc.getStreamMethod(), CallOptions.DEFAULT);
    }

    /**
     * Opens the stream and returns its id.
     *
     * @param listener gets what containerd sends after the acknowledgement, on a thread of gRPC's
     */
    String open(Consumer<Any> listener) {
        this.listener = listener;
        StreamObserver<Any> toContainerd = ClientCalls.asyncBidiStreamingCall(call, new FromContainerd());
        sender = toContainerd;
        toContainerd.onNext(TypedAny.of(
                "containerd.services.streaming.v1.StreamInit",
                StreamInit.newBuilder().setId(id).build()));
        try {
            acknowledged.get(ACKNOWLEDGE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return id;
        } catch (ExecutionException e) {
            throw calls.failure(new StatusRuntimeException(Status.fromThrowable(e)));
        } catch (TimeoutException e) {
            throw new EngineException(Kind.UNAVAILABLE, "containerd did not acknowledge a stream in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.UNAVAILABLE, "interrupted while waiting for containerd", e);
        }
    }

    void send(Any message) {
        StreamObserver<Any> toContainerd = sender;
        if (toContainerd != null) {
            toContainerd.onNext(message);
        }
    }

    @Override
    public void close() {
        call.cancel("the transfer is over", null);
    }

    private final class FromContainerd implements StreamObserver<Any> {

        @Override
        public void onNext(Any message) {
            Consumer<Any> hears = listener;
            if (!acknowledged.complete(true) && hears != null) {
                hears.accept(message);
            }
        }

        @Override
        public void onError(Throwable failure) {
            acknowledged.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            acknowledged.complete(true);
        }
    }
}
