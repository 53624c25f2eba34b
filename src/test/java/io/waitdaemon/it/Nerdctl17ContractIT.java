package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * Does a waiter made by the nerdctl in waitdaemon's image survive on containerd 1.7, whose restart monitor is another than
 * that of 2.1? All the rest is between nerdctl and waitdaemon, and {@link NerdctlContractIT} asks for it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Nerdctl17ContractIT {

    private final ActionEngine engine = ContainerdActions.withBundledNerdctl(ContainerdVersion.V1_7);

    @AfterAll
    void close() {
        engine.close();
    }

    @Nested
    final class Restart extends RestartContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }
}
