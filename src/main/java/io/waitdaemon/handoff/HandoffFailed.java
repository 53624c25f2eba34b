package io.waitdaemon.handoff;

/** A step of the handoff failed. The message is the one error line that the user gets. */
final class HandoffFailed extends RuntimeException {

    HandoffFailed(String message) {
        super(message);
    }
}
