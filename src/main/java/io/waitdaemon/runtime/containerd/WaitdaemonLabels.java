package io.waitdaemon.runtime.containerd;

/** Labels of waitdaemon's own on containers of containerd, besides those of the plan. */
final class WaitdaemonLabels {

    static final String PREFIX = "io.waitdaemon.";

    /** The last note of a waiter. */
    static final String NOTE = PREFIX + "note";

    /** On a target: its start has been asked for, so that a task that is not there any more has been started. */
    static final String STARTED = PREFIX + "started";

    /** Folder of the container's output, on the engine's side. */
    static final String OUTPUT = PREFIX + "output";

    private WaitdaemonLabels() {}
}
