package io.waitdaemon.plan;

import io.waitdaemon.container.OwnVariables;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of the action's environment reaches the target (SPEC §3, §4): all of it, in its order and with duplicates,
 * less the entries that only waitdaemon's own image set and less the variables that are waitdaemon's alone.
 */
public final class TargetEnvironment {

    private TargetEnvironment() {}

    /**
     * @param action {@code NAME=value} entries of the action container, image defaults included
     * @param ownImage the entries that waitdaemon's image sets
     */
    public static List<String> of(List<String> action, List<String> ownImage) {
        Set<String> defaults = new HashSet<>(ownImage);
        return action.stream()
                .filter(entry -> !defaults.contains(entry) && !OwnVariables.isOwn(entry))
                .toList();
    }
}
