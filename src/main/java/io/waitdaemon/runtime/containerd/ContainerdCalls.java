package io.waitdaemon.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Makes calls with a limit each, and turns gRPC's failures into the engine's. */
final class ContainerdCalls {

    /** Most calls take milliseconds; the creation of a task includes the start of a shim and runc. */
    private static final Duration CALL_LIMIT = Duration.ofMinutes(1);

    /** What comes with code UNKNOWN when a part of containerd is just going down or coming up. */
    private static final List<String> PASSING =
            List.of("ttrpc: closed", "context canceled", "connection reset", "transport is closing", "broken pipe");

    /** What gRPC's transport says of an answer that is text, such as an HTTP/1 server's, and no frame. */
    private static final String NO_HTTP_2 = "error in frame handler";

    /** Such as Java's classes for TLS put before their own words. */
    private static final Pattern EXCEPTION_NAME = Pattern.compile("\\b([a-z]+\\.)+\\w+Exception: ");

    private final ContainerdAddress address;
    private final Runnable resetConnectBackoff;

    /** @param resetConnectBackoff makes the channel connect anew at once at the next call */
    ContainerdCalls(ContainerdAddress address, Runnable resetConnectBackoff) {
        this.address = address;
        this.resetConnectBackoff = resetConnectBackoff;
    }

    /** How long a call may take. */
    @FunctionalInterface
    interface Limit {
        <S extends AbstractStub<S>> S on(S stub);
    }

    <T> T make(Function<Limit, T> call) {
        return make(CALL_LIMIT, call);
    }

    <T> T make(Duration limit, Function<Limit, T> call) {
        return makeWith(new Deadline(limit), call);
    }

    /** A call that takes as long as what it waits for. */
    <T> T makePatiently(Function<Limit, T> call) {
        return makeWith(new NoDeadline(), call);
    }

    EngineException failure(StatusRuntimeException e) {
        Status status = e.getStatus();
        String words = words(status);
        return switch (status.getCode()) {
            case NOT_FOUND -> new EngineException(Kind.NOT_FOUND, words, e);
            case UNAVAILABLE -> {
                // gRPC would wait up to two minutes before it connects anew
                resetConnectBackoff.run();
                yield new EngineException(Kind.UNAVAILABLE, "cannot reach containerd at " + address + ": " + words, e);
            }
            case DEADLINE_EXCEEDED ->
                new EngineException(
                        Kind.UNAVAILABLE, "containerd at " + address + " did not answer in time (" + words + ")", e);
            case CANCELLED, ABORTED -> new EngineException(Kind.UNAVAILABLE, words, e);
            case UNIMPLEMENTED ->
                new EngineException(
                        Kind.REFUSED,
                        "containerd at " + address + " does not have this service (" + words
                                + "); its own TCP listener serves CRI only: reach its socket through a proxy such as"
                                + " socat, ssh -L or a TLS proxy",
                        e);
            case UNKNOWN, INTERNAL -> {
                if (words.contains(NO_HTTP_2)) {
                    yield new EngineException(
                            Kind.REFUSED,
                            "what listens at " + address + " is not containerd: it does not speak HTTP/2 (" + words
                                    + "). Give the address of containerd's own socket, or of a proxy before it",
                            e);
                }
                yield new EngineException(
                        PASSING.stream().anyMatch(words::contains) ? Kind.UNAVAILABLE : Kind.REFUSED, words, e);
            }
            default -> new EngineException(Kind.REFUSED, words, e);
        };
    }

    private <T> T makeWith(Limit limit, Function<Limit, T> call) {
        try {
            return call.apply(limit);
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    private static String words(Status status) {
        StringBuilder words = new StringBuilder();
        String description = status.getDescription();
        words.append(description == null ? status.getCode().name() : description);
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && words.indexOf(cause.getMessage()) < 0) {
                words.append(": ").append(cause.getMessage());
            }
        }
        return EXCEPTION_NAME.matcher(words).replaceAll("").strip();
    }

    private record Deadline(Duration limit) implements Limit {
        @Override
        public <S extends AbstractStub<S>> S on(S stub) {
            return stub.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private record NoDeadline() implements Limit {
        @Override
        public <S extends AbstractStub<S>> S on(S stub) {
            return stub;
        }
    }
}
