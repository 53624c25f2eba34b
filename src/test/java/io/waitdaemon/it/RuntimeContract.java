package io.waitdaemon.it;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * What a handoff does whichever engine it runs on. An engine is bound to it by one {@link ActionEngine} and one class that
 * passes it to this constructor; what only one engine has is in tests of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RuntimeContract {

    private final ActionEngine engine;

    /** @param engine running; it is closed after the last test */
    RuntimeContract(ActionEngine engine) {
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
    final class Input extends InputContract {
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
