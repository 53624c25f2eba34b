package io.waitdaemon.it;

import org.junit.jupiter.api.Nested;

/**
 * What a handoff does whichever engine it runs on. An engine is bound to it by one {@link ActionEngine} and one class that
 * passes it to this constructor; what only one engine has is in tests of its own. Further versions of an engine that is
 * bound already are asked {@link VersionContract} alone.
 */
abstract class RuntimeContract extends VersionContract {

    /** @param engine running; it is closed after the last test */
    RuntimeContract(ActionEngine engine) {
        super(engine);
    }

    @Nested
    final class Input extends InputContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }

    @Nested
    final class Patience extends PatienceContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }
}
