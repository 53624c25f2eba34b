package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.util.List;

/** What a namespace of containerd has of the earlier tries of an action. */
record NerdctlRemains(Nerdctl nerdctl, String namespace, String actionName) implements EarlierTry.Remains {

    @Override
    public List<ContainerId> of(Role role) {
        return labelled(
                nerdctl, HandoffPlan.ACTION_LABEL + "=" + actionName, HandoffPlan.ROLE_LABEL + "=" + role.word());
    }

    @Override
    public boolean started(ContainerId target) {
        return NativeContainer.find(nerdctl, namespace, target.value())
                .filter(NativeContainer::wasStarted)
                .isPresent();
    }

    @Override
    public void remove(ContainerId container) {
        remove(nerdctl, container);
    }

    /** Removes a container, running or not, with the volumes that it alone has; content when there is none. */
    static void remove(Nerdctl nerdctl, ContainerId container) {
        try {
            nerdctl.run("rm", "--force", "--volumes", container.value());
        } catch (EngineException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** The containers with all of these labels, in any state. */
    static List<ContainerId> labelled(Nerdctl nerdctl, String... labels) {
        NerdctlCall call = NerdctlCall.of(java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("ps", "--all", "--quiet", "--no-trunc"),
                        java.util.stream.Stream.of(labels).map(label -> "--filter=label=" + label))
                .toList());
        return nerdctl.run(call).lines().map(ContainerId::new).toList();
    }
}
