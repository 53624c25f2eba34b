package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.End;
import io.waitdaemon.it.ActionEngine.State;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A container that a test looks at. */
record EngineContainer(ActionEngine engine, String id) {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(50);

    Instant awaitStart() {
        return awaitStart(1);
    }

    Instant awaitStart(int number) {
        return engine.awaitStart(id, number, SOON);
    }

    End awaitEnd() {
        return awaitEnd(1);
    }

    End awaitEnd(int number) {
        return engine.awaitEnd(id, number, SOON);
    }

    /** Fails with the log unless the first end was this one. */
    End endsWith(int exit) {
        End end = awaitEnd();
        assertThat(end.exit()).as(this::log).isEqualTo(exit);
        return end;
    }

    /** Returns when these words are in the log, which sends no event. */
    EngineContainer awaitLog(String words) {
        return await(() -> log().contains(words), "'" + words + "' in its log");
    }

    /** For a container that may have ended before, in ways that an engine which was away does not tell of. */
    EngineContainer awaitState(State expected) {
        return await(() -> state().equals(expected), expected.toString());
    }

    int starts() {
        return engine.starts(id);
    }

    String log() {
        return engine.log(id);
    }

    State state() {
        return engine.state(id);
    }

    private EngineContainer await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                String log = state() instanceof State.Gone ? "" : "\n" + log();
                throw new AssertionError("Not within " + SOON + ": " + what + "; it is " + state() + log);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return this;
    }
}
