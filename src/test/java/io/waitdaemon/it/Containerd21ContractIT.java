package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;

/**
 * Does a handoff on containerd 2.1 do all that {@link RuntimeContract} says? Only here, and not on the older versions: what
 * arguments and variables look like to a target, and how long an action is waited for that never ends.
 */
final class Containerd21ContractIT extends RuntimeContract {

    Containerd21ContractIT() {
        super(ContainerdActions.onAnEngineOfItsOwn(ContainerdVersion.V2_1));
    }
}
