package io.waitdaemon.runtime;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls that must not hang: an engine may accept a connection and never answer, and a unix socket has no read time-out. */
public final class TimeLimit {

    private TimeLimit() {}

    /**
     * Makes the call on a thread of its own and waits for it.
     *
     * @throws TimeoutException when it has not come back in time; its thread is interrupted and left behind, and as a
     *     daemon it does not keep the process alive
     */
    public static <T> T call(Duration limit, Callable<T> call) throws TimeoutException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().name("engine-call").start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw e;
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Kind.UNAVAILABLE, "interrupted while waiting for the engine", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
