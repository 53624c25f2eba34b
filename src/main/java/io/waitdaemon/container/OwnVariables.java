package io.waitdaemon.container;

/** The environment variables that are waitdaemon's alone: never the target's (SPEC §3). */
public final class OwnVariables {

    public static final String PREFIX = "WAITDAEMON_";

    private OwnVariables() {}

    /** Whether a name, or an entry {@code NAME=value}, is one of them. */
    public static boolean isOwn(String nameOrEntry) {
        return nameOrEntry.startsWith(PREFIX);
    }
}
