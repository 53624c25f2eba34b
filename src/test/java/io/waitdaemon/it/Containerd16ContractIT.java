package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;

/**
 * Does a handoff on containerd 1.6 do all that {@link VersionContract} says? What no version can have a part in is asked of
 * 2.1 alone: {@link Containerd21ContractIT}.
 */
final class Containerd16ContractIT extends VersionContract {

    Containerd16ContractIT() {
        super(ContainerdActions.onAnEngineOfItsOwn(ContainerdVersion.V1_6));
    }
}
