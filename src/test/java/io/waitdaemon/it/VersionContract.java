package io.waitdaemon.it;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * What a handoff does whichever engine it runs on, and may do in another way with another version of the same engine: all
 * of {@link RuntimeContract} but what no version can have a part in, and what takes long to ask.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VersionContract {

    final ActionEngine engine;

    /** @param engine running; it is closed after the last test */
    VersionContract(ActionEngine engine) {
        this.engine = engine;
    }

    @AfterAll
    void close() {
        engine.close();
    }

    @Nested
    final class Handoff extends HandoffContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Ending extends EndingContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Retry extends RetryContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Restart extends RestartContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Unfinished extends UnfinishedContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Log extends LogContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }
}
