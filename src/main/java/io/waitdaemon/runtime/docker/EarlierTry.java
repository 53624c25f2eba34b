package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What an earlier try of the same action left behind, by the name that both action containers have. */
final class EarlierTry {

    private final DockerApi api;

    EarlierTry(DockerApi api) {
        this.api = api;
    }

    /**
     * Removes its waiter first, so that nothing starts its target meanwhile, and then the target unless it was started.
     *
     * @return what was done, a line each
     */
    List<String> clear(String actionName) {
        List<JsonObject> left =
                DockerState.labelled(api, HandoffPlan.ACTION_LABEL + "=" + actionName, HandoffPlan.ROLE_LABEL);
        List<String> done = new ArrayList<>();
        for (ContainerId waiter : ids(left, Role.WAITER)) {
            DockerState.remove(api, waiter, true);
            done.add("Removed the waiter of an earlier try of this action, " + waiter.shortForm() + ".");
        }
        for (ContainerId target : ids(left, Role.TARGET)) {
            done.add(clearTarget(target));
        }
        return done;
    }

    /** Asks for the state anew: the waiter that was removed just now may have started the target. */
    private String clearTarget(ContainerId target) {
        try {
            JsonObject state = Json.object(api.get("/containers/" + target + "/json"), "State");
            if (!DockerState.neverStarted(state)) {
                return "Left the target of an earlier try of this action alone, since it has been started: "
                        + target.shortForm() + ".";
            }
            DockerState.remove(api, target, true);
        } catch (EngineException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
        return "Removed the unstarted target of an earlier try of this action, " + target.shortForm() + ".";
    }

    private static List<ContainerId> ids(List<JsonObject> containers, Role role) {
        return containers.stream()
                .filter(container -> Json.text(Json.object(container, "Labels"), HandoffPlan.ROLE_LABEL)
                        .equals(role.word()))
                .map(container -> new ContainerId(Json.text(container, "Id")))
                .toList();
    }
}
