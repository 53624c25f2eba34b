package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;

/**
 * What makes containerd's restart monitor keep a container running, in nerdctl's words. It has to be asked for when the container
 * is created, since only then nerdctl notes where the output of a later process goes; and must not be in force before the
 * container runs, or the monitor may start what somebody is just starting.
 */
final class Restarts {

    /** With {@code on-failure}, one that ended while containerd was away would count as ended with 0. */
    static final String WANTED = "unless-stopped";

    private static final String PREFIX = "containerd.io/restart.";
    private static final String POLICY = PREFIX + "policy";
    private static final String STATUS = PREFIX + "status";

    private Restarts() {}

    /** Whether they are in force as soon as a start begins, as with nerdctl 2.2; with 2.3, once it has succeeded. */
    static boolean mayComeBeforeTheStart(NativeContainer created) {
        return created.labels().containsKey(STATUS);
    }

    static boolean areWanted(NativeContainer container) {
        return WANTED.equals(container.labels().get(POLICY));
    }

    static NerdctlCall wanted(ContainerId container) {
        return update(container, WANTED);
    }

    static NerdctlCall unwanted(ContainerId container) {
        return update(container, "no");
    }

    private static NerdctlCall update(ContainerId container, String policy) {
        return NerdctlCall.of("update", "--restart=" + policy, container.value());
    }
}
