package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;

/** Does a handoff by the nerdctl in waitdaemon's image do all that {@link RuntimeContract} says? */
final class NerdctlContractIT extends RuntimeContract {

    NerdctlContractIT() {
        super(ContainerdActions.withBundledNerdctl(ContainerdVersion.V2_1));
    }
}
