package io.waitdaemon.it;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** Does a handoff on a Docker Engine do all that {@link RuntimeContract} says? */
final class DockerContractIT extends RuntimeContract {

    DockerContractIT() {
        super(DockerActions.onAnEngineOfItsOwn());
    }

    /** What a JVM takes from a command line and an environment is the same on each engine, so one is asked for it. */
    @Nested
    @Tag("jvm-image")
    final class InputOfTheJvm extends InputContract {
        @Override
        ActionEngine engine() {
            return engine;
        }
    }
}
