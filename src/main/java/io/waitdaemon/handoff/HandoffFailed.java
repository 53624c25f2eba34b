package io.waitdaemon.handoff;

/** A step of the handoff failed. The message is the one error line that the user gets. */
final class HandoffFailed extends RuntimeException {

    private final String line;

    HandoffFailed(String message) {
        super(message);
        this.line = message;
    }

    @Override
    public String getMessage() {
        return line;
    }
}
