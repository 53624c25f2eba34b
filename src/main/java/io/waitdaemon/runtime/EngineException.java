package io.waitdaemon.runtime;

import org.jspecify.annotations.Nullable;

/** An engine did not do what it was asked to. The message carries the engine's own words and is fit for users. */
public final class EngineException extends RuntimeException {

    /** What the failure tells the caller about trying again. */
    public enum Kind {
        /** There is no such container, image or network. */
        NOT_FOUND,
        /** The engine refuses, and will refuse again. */
        REFUSED,
        /** The engine cannot be reached or is in no state to answer; the same call may succeed later. */
        UNAVAILABLE,
        /** This process can reach the engine no more, however often it tries; one that the engine starts anew can. */
        CUT_OFF
    }

    private final Kind kind;
    private final String words;

    public EngineException(Kind kind, String message) {
        this(kind, message, null);
    }

    public EngineException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.words = message;
    }

    @Override
    public String getMessage() {
        return words;
    }

    public Kind kind() {
        return kind;
    }
}
