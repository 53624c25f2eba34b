package io.waitdaemon.it;

import io.waitdaemon.it.ActionEngine.End;
import io.waitdaemon.it.ActionEngine.Role;
import java.time.Duration;
import java.time.Instant;

/** An action that has been started, and the handoff that it makes. */
record BegunAction(ActionEngine engine, ActionRequest request, String id) {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** How an action ended, and all that it wrote. */
    record Ended(BegunAction action, int exit, Instant at, String log) {

        /** Fails with the action's log unless it reported success. */
        Ended succeeded() {
            return endedWith(0);
        }

        /** Fails with the action's log unless it ended with this exit code. */
        Ended endedWith(int expected) {
            if (exit != expected) {
                throw new AssertionError("The action ended with " + exit + ":\n" + log);
            }
            return this;
        }
    }

    EngineContainer container() {
        return new EngineContainer(engine, id);
    }

    /** The waiter, as soon as it is there and even when it is gone again. */
    EngineContainer waiter() {
        return made(Role.WAITER);
    }

    /** The target, as soon as it is there and even when it is gone again. */
    EngineContainer target() {
        return made(Role.TARGET);
    }

    Ended ended() {
        End end = engine.awaitEnd(id, 1, LONGEST);
        return new Ended(this, end.exit(), end.at(), engine.log(id));
    }

    private EngineContainer made(Role role) {
        return new EngineContainer(engine, engine.awaitMade(id, role, SOON));
    }
}
