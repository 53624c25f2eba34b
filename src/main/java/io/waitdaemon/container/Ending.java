package io.waitdaemon.container;

import java.util.Map;

/**
 * How a container's main process ended.
 *
 * @param exitCode as the engine reports it: 128 + n for a process that signal n ended
 * @param outOfMemory whether the kernel killed a process of it for want of memory
 */
public record Ending(int exitCode, boolean outOfMemory) {

    private static final int SIGNAL_BASE = 128;
    private static final int HIGHEST_SIGNAL = 64;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 13,
            "SIGPIPE", 15, "SIGTERM");

    /** Whether the container did what it was asked to. */
    public boolean good() {
        return exitCode == 0 && !outOfMemory;
    }

    /** For a sentence that begins with "The target": {@code ended with exit code 7} and the like. */
    public String describe() {
        if (outOfMemory) {
            return "ran out of memory and was killed by the kernel (exit code " + exitCode + ")";
        }
        int signal = exitCode - SIGNAL_BASE;
        if (signal > 0 && signal <= HIGHEST_SIGNAL) {
            return "was ended by signal " + signal + " (" + SIGNALS.getOrDefault(signal, "exit code " + exitCode) + ")";
        }
        return "ended with exit code " + exitCode;
    }
}
