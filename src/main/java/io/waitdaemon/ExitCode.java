package io.waitdaemon;

/** What the exit status of the process means; SPEC §5. */
enum ExitCode {
    /** The handoff is complete, or the target ended with 0. */
    DONE(0),
    /** The handoff failed; whatever it had created is gone again. */
    HANDOFF_FAILED(1),
    /** The waiter could not, or would not, start the target. */
    LAUNCH_FAILED(2),
    /** The target was started and ended with a failure. */
    TARGET_FAILED(3),
    /** No runtime answered. One that answers and does not know this container is a failed handoff. */
    NO_RUNTIME(12),
    /** The configuration cannot be used (EX_CONFIG of sysexits.h). */
    BAD_CONFIGURATION(78);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }
}
