package io.waitdaemon.runtime;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.plan.HandoffPlan.Role;
import java.util.ArrayList;
import java.util.List;

/** What an earlier try of the same action left behind, by the name that both action containers have. */
public final class EarlierTry {

    private EarlierTry() {}

    /** An engine's containers of one action name. */
    public interface Remains {

        /** The containers of all tries that play this role. */
        List<ContainerId> of(Role role);

        /** Whether a target runs or has run; false when it has gone in the meantime. */
        boolean started(ContainerId target);

        /** Removes a container, running or not; content when there is none. */
        void remove(ContainerId container);
    }

    /**
     * Removes its waiter first, so that nothing starts its target meanwhile, and then the target unless it was started.
     *
     * @return what was done, a line each
     */
    public static List<String> clear(Remains remains) {
        List<String> done = new ArrayList<>();
        for (ContainerId waiter : remains.of(Role.WAITER)) {
            remains.remove(waiter);
            done.add("Removed the waiter of an earlier try of this action, " + waiter.shortForm() + ".");
        }
        for (ContainerId target : remains.of(Role.TARGET)) {
            // asked for now: the waiter that was removed just before may have started it
            if (remains.started(target)) {
                done.add("Left the target of an earlier try of this action alone, since it has been started: "
                        + target.shortForm() + ".");
            } else {
                remains.remove(target);
                done.add("Removed the unstarted target of an earlier try of this action, " + target.shortForm() + ".");
            }
        }
        return done;
    }
}
