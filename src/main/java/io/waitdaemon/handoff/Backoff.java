package io.waitdaemon.handoff;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.time.Duration;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Repeats a call to an engine that may come to itself again, with pauses that double.
 *
 * @param first pause after the first failure
 * @param longest upper bound of a pause
 * @param patience upper bound of all pauses together; what the calls themselves take does not count
 */
record Backoff(Duration first, Duration longest, Duration patience) {

    private static final Logger LOG = Logger.getLogger(Backoff.class);

    /** For a registry: five attempts. */
    static final Backoff PULL = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofSeconds(16));

    /** For an engine that is being restarted: SPEC §5 asks for 60 s at least. */
    static final Backoff ENGINE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3), Duration.ofSeconds(75));

    /**
     * The call's result.
     *
     * @param what is attempted, for the log: {@code Starting the target}
     * @throws EngineException the last one, as soon as it is definite or patience is at an end
     */
    <T> T call(String what, Supplier<T> call) throws InterruptedException {
        Duration paused = Duration.ZERO;
        for (Duration pause = first; ; pause = min(pause.multipliedBy(2), longest)) {
            try {
                return call.get();
            } catch (EngineException e) {
                paused = paused.plus(pause);
                if (e.kind() != Kind.UNAVAILABLE || paused.compareTo(patience) > 0) {
                    throw e;
                }
                LOG.warnf("%s failed: %s. Trying again in %s.", what, e.getMessage(), Durations.shown(pause));
            }
            Thread.sleep(pause);
        }
    }

    void run(String what, Runnable call) throws InterruptedException {
        call(what, () -> {
            call.run();
            return what;
        });
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
