package io.waitdaemon.handoff;

/** How a handoff or a launch went; the main class turns it into an exit status. */
public enum Outcome {
    DONE,
    HANDOFF_FAILED,
    LAUNCH_FAILED,
    TARGET_FAILED,
    NO_RUNTIME
}
