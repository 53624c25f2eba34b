package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;

/** Does a handoff by the host's nerdctl, of the version that CaptainOS has, do what {@link VersionContract} says, without a mount? */
final class HostNerdctlContractIT extends VersionContract {

    HostNerdctlContractIT() {
        super(ContainerdActions.withNerdctlOfTheHost(ContainerdVersion.V2_1));
    }
}
