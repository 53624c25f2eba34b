package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes ids of containers as Docker, nerdctl and Tinkerbell's agent do: 32 random bytes. */
final class ContainerIds {

    private static final int BYTES = 32;

    private ContainerIds() {}

    static ContainerId random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new ContainerId(HexFormat.of().formatHex(bytes));
    }
}
