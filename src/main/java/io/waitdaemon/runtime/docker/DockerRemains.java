package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.util.List;

/** What a Docker Engine has of the earlier tries of an action. */
record DockerRemains(DockerApi api, String actionName) implements EarlierTry.Remains {

    @Override
    public List<ContainerId> of(Role role) {
        return DockerState.labelled(
                        api, HandoffPlan.ACTION_LABEL + "=" + actionName, HandoffPlan.ROLE_LABEL + "=" + role.word())
                .stream()
                .map(container -> new ContainerId(Json.text(container, "Id")))
                .toList();
    }

    @Override
    public boolean started(ContainerId target) {
        try {
            return !DockerState.neverStarted(Json.object(api.get("/containers/" + target + "/json"), "State"));
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void remove(ContainerId container) {
        DockerState.remove(api, container, true);
    }
}
