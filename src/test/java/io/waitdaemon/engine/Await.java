package io.waitdaemon.engine;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Bounded polling, for the few things that send no event: a socket that begins to answer, a process that is gone. */
final class Await {

    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /** Whether the condition held within the limit. */
    static boolean within(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }

    /** As {@link #within}, and an error with an explanation taken at that moment when the condition never held. */
    static void until(Duration limit, BooleanSupplier condition, Supplier<String> otherwise) {
        if (!within(limit, condition)) {
            throw new AssertionError(otherwise.get());
        }
    }
}
