package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a namespace of containerd has of the earlier tries of an action. */
record NerdctlRemains(Nerdctl nerdctl, Lifecycle lifecycle, String actionName) implements EarlierTry.Remains {

    private static final int REMOVALS = 10;
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    @Override
    public List<ContainerId> of(Role role) {
        return labelled(
                nerdctl, HandoffPlan.ACTION_LABEL + "=" + actionName, HandoffPlan.ROLE_LABEL + "=" + role.word());
    }

    @Override
    public boolean started(ContainerId target) {
        return NativeContainer.find(nerdctl, target)
                .filter(lifecycle::wasStarted)
                .isPresent();
    }

    @Override
    public void remove(ContainerId container) {
        remove(nerdctl, container);
    }

    /**
     * Removes a container, running or not, with the volumes that it alone has; content when there is none. One that runs is
     * killed first, or the restart monitor might start it anew meanwhile. With {@code --force} nerdctl ends with 0 when it could
     * not remove a container, such as one that is being started just then, so it is looked at.
     */
    static void remove(Nerdctl nerdctl, ContainerId container) {
        for (int tries = 0; tries < REMOVALS; tries++) {
            try {
                Optional<NativeContainer> found = NativeContainer.find(nerdctl, container);
                if (found.isEmpty()) {
                    return;
                }
                if (found.get().status() == NativeContainer.Status.RUNNING) {
                    nerdctl.run("kill", container.value());
                    nerdctl.run(NerdctlCall.of("wait", container.value()).within(KILL_LIMIT));
                }
                nerdctl.run("rm", "--force", "--volumes", container.value());
            } catch (EngineException e) {
                if (e.kind() != Kind.NOT_FOUND) {
                    throw e;
                }
            }
        }
        throw new EngineException(Kind.UNAVAILABLE, "nerdctl rm --force has not removed it");
    }

    /** The containers with all of these labels, in any state. */
    static List<ContainerId> labelled(Nerdctl nerdctl, String... labels) {
        NerdctlCall call = NerdctlCall.of(Stream.concat(
                        Stream.of("ps", "--all", "--quiet", "--no-trunc"),
                        Stream.of(labels).map(label -> "--filter=label=" + label))
                .toList());
        return nerdctl.run(call).lines().map(ContainerId::new).toList();
    }
}
