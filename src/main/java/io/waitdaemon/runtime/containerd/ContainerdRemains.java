package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.LaunchRuntime.TargetState;
import io.waitdaemon.runtime.containerd.api.Container;
import java.util.List;

/** What a namespace of containerd has of the earlier tries of an action. */
record ContainerdRemains(ContainerdNamespace namespace, String actionName) implements EarlierTry.Remains {

    @Override
    public List<ContainerId> of(Role role) {
        return namespace
                .containers(filter(HandoffPlan.ACTION_LABEL, actionName), filter(HandoffPlan.ROLE_LABEL, role.word()))
                .stream()
                .map(Container::getId)
                .map(ContainerId::new)
                .toList();
    }

    @Override
    public boolean started(ContainerId target) {
        return TargetTask.state(namespace, target) == TargetState.STARTED;
    }

    @Override
    public void remove(ContainerId container) {
        new Removal(namespace).remove(container);
    }

    private static String filter(String label, String value) {
        return "labels.\"" + label + "\"==\"" + value + "\"";
    }
}
