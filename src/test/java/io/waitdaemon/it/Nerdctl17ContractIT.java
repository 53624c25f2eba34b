package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdVersion;

/** Does a handoff by the nerdctl in waitdaemon's image do on containerd 1.7 what {@link VersionContract} says? 1.6 lacks the restart policy. */
final class Nerdctl17ContractIT extends VersionContract {

    Nerdctl17ContractIT() {
        super(ContainerdActions.withBundledNerdctl(ContainerdVersion.V1_7));
    }
}
