package io.waitdaemon.runtime.containerd;

import io.waitdaemon.plan.HandoffPlan;

/** Labels of waitdaemon's own on containers of containerd, besides those of the plan. */
final class WaitdaemonLabels {

    /** The last note of a waiter. */
    static final String NOTE = HandoffPlan.LABEL_PREFIX + "note";

    /** On a target: its start has been asked for, so that a task that is not there any more has been started. */
    static final String STARTED = HandoffPlan.LABEL_PREFIX + "started";

    /** Folder of the container's output, on the engine's side. */
    static final String OUTPUT = HandoffPlan.LABEL_PREFIX + "output";

    private WaitdaemonLabels() {}
}
