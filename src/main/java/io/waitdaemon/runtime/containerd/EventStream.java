package io.waitdaemon.runtime.containerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.containerd.api.Envelope;
import io.waitdaemon.runtime.containerd.api.EventsGrpc;
import io.waitdaemon.runtime.containerd.api.SubscribeRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What containerd tells of, from about the time of the subscription on: it does not say when that has taken effect, and
 * nothing is told again. Whoever waits for an event therefore also asks for the state now and then.
 */
final class EventStream implements AutoCloseable, StreamObserver<Envelope> {

    private final ContainerdCalls calls;
    private final ClientCall<SubscribeRequest, Envelope> call;
    private final BlockingQueue<Optional<Envelope>> arrived = new LinkedBlockingQueue<>();
    private volatile Throwable end = new IllegalStateException("containerd has ended its events");

    /** @param filters an event passes that one of them fits: {@code topic=="/tasks/exit"} */
    EventStream(Channel channel, ContainerdCalls calls, String... filters) {
        this.calls = calls;
        this.call = channel.newCall(EventsGrpc.getSubscribeMethod(), CallOptions.DEFAULT);
        SubscribeRequest request = SubscribeRequest.newBuilder()
                .addAllFilters(Arrays.asList(filters))
                .build();
        ClientCalls.asyncServerStreamingCall(call, request, this);
    }

    /**
     * The next event; empty when there is none within the limit.
     *
     * @throws EngineException when containerd has ended the stream
     */
    Optional<Envelope> next(Duration limit) throws InterruptedException {
        Optional<Envelope> event = arrived.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            return Optional.empty();
        }
        if (event.isEmpty()) {
            throw calls.failure(new StatusRuntimeException(Status.fromThrowable(end)));
        }
        return event;
    }

    @Override
    public void onNext(Envelope event) {
        arrived.add(Optional.of(event));
    }

    @Override
    public void onError(Throwable failure) {
        end = failure;
        arrived.add(Optional.empty());
    }

    @Override
    public void onCompleted() {
        arrived.add(Optional.empty());
    }

    @Override
    public void close() {
        call.cancel("no more events are wanted", null);
    }
}
