package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.LaunchRuntime.TargetState;
import io.waitdaemon.runtime.containerd.api.Container;
import java.util.ArrayList;
import java.util.List;

/** What an earlier try of the same action left behind, by the name that both action containers have. */
final class EarlierTry {

    private final ContainerdNamespace namespace;

    EarlierTry(ContainerdNamespace namespace) {
        this.namespace = namespace;
    }

    /**
     * Removes its waiter first, so that nothing starts its target meanwhile, and then the target unless it was started.
     *
     * @return what was done, a line each
     */
    List<String> clear(String actionName) {
        List<Container> left =
                namespace.containers("labels.\"" + HandoffPlan.ACTION_LABEL + "\"==\"" + actionName + "\"");
        Removal removal = new Removal(namespace);
        List<String> done = new ArrayList<>();
        for (ContainerId waiter : ids(left, Role.WAITER)) {
            removal.remove(waiter);
            done.add("Removed the waiter of an earlier try of this action, " + waiter.shortForm() + ".");
        }
        for (ContainerId target : ids(left, Role.TARGET)) {
            // asked for anew: the waiter that was removed just now may have started it
            if (TargetTask.state(namespace, target) == TargetState.STARTED) {
                done.add("Left the target of an earlier try of this action alone, since it has been started: "
                        + target.shortForm() + ".");
            } else {
                removal.remove(target);
                done.add("Removed the unstarted target of an earlier try of this action, " + target.shortForm() + ".");
            }
        }
        return done;
    }

    private static List<ContainerId> ids(List<Container> containers, Role role) {
        return containers.stream()
                .filter(container ->
                        container.getLabelsOrDefault(HandoffPlan.ROLE_LABEL, "").equals(role.word()))
                .map(container -> new ContainerId(container.getId()))
                .toList();
    }
}
