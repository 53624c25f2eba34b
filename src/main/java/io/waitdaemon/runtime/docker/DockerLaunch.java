package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.TimeLimit;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The waiter's side of a Docker Engine. The waiter's notes are the end of its own name: the one thing of a container
 * that can be changed at any time, is kept through a restart of the engine, and does not depend on a logging driver.
 */
final class DockerLaunch implements LaunchRuntime {

    private static final JsonObject NO_RESTARTS = Json.PROVIDER
            .createObjectBuilder()
            .add("RestartPolicy", Json.PROVIDER.createObjectBuilder().add("Name", "no"))
            .build();

    private static final int NO_EXIT_CODE = -1;

    private final DockerApi api;
    private final LaunchOrder order;
    private @Nullable String self;

    DockerLaunch(DockerApi api, LaunchOrder order) {
        this.api = api;
        this.order = order;
    }

    @Override
    public ActionState awaitAction(ContainerId action, Duration limit) {
        try {
            JsonObject state = state(action);
            if (!Json.isTrue(state, "Running")) {
                return ended(state);
            }
            if (!limit.isPositive()) {
                return new ActionState.Running();
            }
            JsonObject ending = TimeLimit.call(
                    limit, () -> api.postPatiently("/containers/" + action + "/wait?condition=not-running"));
            int exitCode = ending.getInt("StatusCode", NO_EXIT_CODE);
            if (exitCode < 0 || !Json.object(ending, "Error").isEmpty()) {
                // an engine that is being stopped ends its waits so; how the container fares is to be asked again
                throw new EngineException(Kind.UNAVAILABLE, "Docker broke off waiting for the action container");
            }
            return endedJustNow(action, exitCode);
        } catch (TimeoutException e) {
            return new ActionState.Running();
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return new ActionState.Gone();
            }
            throw e;
        }
    }

    /**
     * Docker answers the wait after it has taken the network of the container down, which may take a second on a slow machine
     * (seen with 26.1); when the process ended is in the state, unless the agent has removed the container already.
     */
    private ActionState endedJustNow(ContainerId action, int exitCode) {
        Instant now = Instant.now();
        try {
            JsonObject state = state(action);
            return Json.isTrue(state, "Running") ? new ActionState.Ended(exitCode, now) : ended(state);
        } catch (EngineException e) {
            return new ActionState.Ended(exitCode, now);
        }
    }

    private static ActionState ended(JsonObject state) {
        return new ActionState.Ended(state.getInt("ExitCode"), Instant.parse(Json.text(state, "FinishedAt")));
    }

    @Override
    public TargetState targetState(ContainerId target) {
        try {
            return DockerState.neverStarted(state(target)) ? TargetState.CREATED : TargetState.STARTED;
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return TargetState.GONE;
            }
            throw e;
        }
    }

    @Override
    public List<String> environment(ContainerId target) {
        return Json.texts(Json.object(api.get("/containers/" + target + "/json"), "Config"), "Env");
    }

    @Override
    public void start(ContainerId target) {
        api.post("/containers/" + target + "/start");
    }

    @Override
    public Ending awaitEnding(ContainerId target) {
        api.postPatiently("/containers/" + target + "/wait?condition=not-running");
        JsonObject state = state(target);
        return new Ending(state.getInt("ExitCode"), Json.isTrue(state, "OOMKilled"));
    }

    @Override
    public List<String> lastLines(ContainerId container, int count) {
        return DockerState.lastLines(api, container, count);
    }

    @Override
    public Optional<String> note() {
        String name = Json.text(api.get("/containers/" + self() + "/json"), "Name");
        String prefix = "/" + order.waiter() + "-";
        return name.startsWith(prefix) ? Optional.of(name.substring(prefix.length())) : Optional.empty();
    }

    @Override
    public void leaveNote(String note) {
        String name = order.waiter() + "-" + note;
        api.post("/containers/" + self() + "/rename?name=" + DockerApi.encode(name));
    }

    @Override
    public void checkWay() {
        api.checkWay();
    }

    @Override
    public void retire() {
        api.post("/containers/" + self() + "/update", NO_RESTARTS);
    }

    @Override
    public void remove(ContainerId container) {
        DockerState.remove(api, container, false);
    }

    @Override
    public void close() {
        api.close();
    }

    /**
     * This waiter's own id, by its labels: its name changes with its notes, and its hostname is the machine's or another
     * container's when it has such a network.
     */
    private String self() {
        String known = self;
        if (known == null) {
            known = DockerState.labelled(
                            api,
                            HandoffPlan.ACTION_ID_LABEL + "=" + order.action(),
                            HandoffPlan.ROLE_LABEL + "=" + HandoffPlan.Role.WAITER.word())
                    .stream()
                    .map(container -> Json.text(container, "Id"))
                    .findFirst()
                    .orElseThrow(() -> new EngineException(
                            Kind.NOT_FOUND, "Docker at " + api.address() + " has no waiter of this handoff"));
            self = known;
        }
        return known;
    }

    private JsonObject state(ContainerId container) {
        return Json.object(api.get("/containers/" + container + "/json"), "State");
    }
}
