package io.waitdaemon.plan;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ImageReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a handoff shall bring about, in no engine's terms.
 *
 * @param action the container that this process is in
 * @param command the arguments of this process, which are the target's command; empty: the image's own
 * @param delay from the end of the action to the start of the target, jitter included
 * @param textLogs whether the waiter shall log for people instead of in JSON
 */
public record HandoffPlan(
        ContainerFacts action,
        ImageReference image,
        List<String> command,
        Duration delay,
        String bootId,
        Duration uptime,
        boolean textLogs) {

    /** What the keys of all labels of waitdaemon's own begin with. */
    public static final String LABEL_PREFIX = "io.waitdaemon.";

    /** Label with the name of the action container: what a retried action has in common with its earlier try. */
    public static final String ACTION_LABEL = LABEL_PREFIX + "action";

    /** Label with the id of the action container, which no other try of the action has. */
    public static final String ACTION_ID_LABEL = LABEL_PREFIX + "action-id";

    /** Label that tells the waiter from the target. */
    public static final String ROLE_LABEL = LABEL_PREFIX + "role";

    /** The first argument of a waiter; the second is its {@link LaunchOrder}. */
    public static final String LAUNCH_COMMAND = "launch";

    private static final int SUFFIX_LENGTH = 8;

    public HandoffPlan {
        command = List.copyOf(command);
    }

    /** What a container is in a handoff; its lower-case name is its label's value and part of its name. */
    public enum Role {
        TARGET,
        WAITER;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The labels by which a container of this handoff can be found again. */
    public Map<String, String> labels(Role role) {
        return Map.of(ACTION_LABEL, action.name(), ACTION_ID_LABEL, action.id().value(), ROLE_LABEL, role.word());
    }

    /** A name that says what the container is and that no other try of the action has. */
    public String name(Role role) {
        String id = action.id().value();
        return action.name() + "-" + role.word() + "-" + id.substring(0, Math.min(SUFFIX_LENGTH, id.length()));
    }

    public LaunchOrder order(String runtime, Map<String, String> engine, ContainerId target) {
        return new LaunchOrder(runtime, engine, name(Role.WAITER), action.id(), target, delay, bootId, uptime);
    }
}
