package io.waitdaemon.engine;

/**
 * The versions of containerd that the tests know, oldest first. Debian decides about the last digit, see {@code
 * src/test/sh/install-containerd}.
 */
public enum ContainerdVersion {
    V1_6("bookworm", 2, "io.containerd.internal.v1.restart"),
    V1_7("trixie", 2, "io.containerd.internal.v1.restart"),
    V2_1("sid", 3, "io.containerd.monitor.container.v1.restart");

    private final String suite;
    private final int configVersion;
    private final String restartMonitor;

    ContainerdVersion(String suite, int configVersion, String restartMonitor) {
        this.suite = suite;
        this.configVersion = configVersion;
        this.restartMonitor = restartMonitor;
    }

    /** Of Debian, which is also the name of the folder it is unpacked to. */
    String suite() {
        return suite;
    }

    /** What stands first in a configuration file of this version. */
    int configVersion() {
        return configVersion;
    }

    /** The id of the plugin that restarts containers, which 2.1 renamed without heeding its old name. */
    String restartMonitor() {
        return restartMonitor;
    }

    @Override
    public String toString() {
        return name().substring(1).replace('_', '.');
    }
}
