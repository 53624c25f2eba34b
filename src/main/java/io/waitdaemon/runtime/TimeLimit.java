package io.waitdaemon.runtime;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls that must not hang: an engine may accept a connection and never answer, and a unix socket has no read time-out.
 * Each is made on a thread of its own, which as a daemon does not keep the process alive.
 */
public final class TimeLimit {

    private TimeLimit() {}

    /** A call that has begun and may go on while something else is done. */
    public static final class Begun<T> {

        private final FutureTask<T> task;
        private final long begin = System.nanoTime();

        private Begun(Callable<T> call) {
            task = new FutureTask<>(call);
            Thread.ofPlatform().daemon().name("engine-call").start(task);
        }

        /** How long ago it began. */
        public Duration age() {
            return Duration.ofNanos(System.nanoTime() - begin);
        }

        /**
         * What the call returns, or throws.
         *
         * @throws TimeoutException when it has not come back in this time; it goes on
         */
        public T await(Duration time) throws TimeoutException {
            try {
                return task.get(time.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                giveUp();
                Thread.currentThread().interrupt();
                throw new EngineException(
                        EngineException.Kind.UNAVAILABLE, "interrupted while waiting for the engine", e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            }
        }

        /** Interrupts the call and leaves it behind. */
        public void giveUp() {
            task.cancel(true);
        }
    }

    public static <T> Begun<T> begin(Callable<T> call) {
        return new Begun<>(call);
    }

    /**
     * Makes the call and waits for it.
     *
     * @throws TimeoutException when it has not come back in time; it is interrupted and left behind
     */
    public static <T> T call(Duration limit, Callable<T> call) throws TimeoutException {
        Begun<T> begun = begin(call);
        try {
            return begun.await(limit);
        } catch (TimeoutException e) {
            begun.giveUp();
            throw e;
        }
    }
}
