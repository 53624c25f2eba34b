package io.waitdaemon.runtime.containerd;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The labels that make containerd's restart monitor keep a container running (containerd's core/runtime/restart, 1.6 to
 * 2.1; it looks every 10 s). Its policy {@code on-failure} would not do: a process that ended while containerd was down
 * counts as ended with 0 there. 1.6 knows no policies and always starts anew.
 */
final class Restarts {

    private static final String PREFIX = "containerd.io/restart.";
    private static final String STATUS = PREFIX + "status";
    private static final String POLICY = PREFIX + "policy";
    private static final String LOG_URI = PREFIX + "loguri";

    private Restarts() {}

    /** @param logUri what a new task of it does with its output */
    static Map<String, String> wanted(String logUri) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(STATUS, "running");
        labels.put(POLICY, "unless-stopped");
        labels.put(LOG_URI, logUri);
        return labels;
    }

    /** Takes the labels away; a status of {@code stopped} would make the monitor end the container. */
    static Map<String, String> unwanted() {
        return Map.of(STATUS, "", POLICY, "", LOG_URI, "");
    }

    /** Whether a label is one of the monitor's. */
    static boolean isOne(String label) {
        return label.startsWith(PREFIX);
    }
}
