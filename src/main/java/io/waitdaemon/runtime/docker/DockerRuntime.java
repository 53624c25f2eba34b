package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.TimeLimit;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The handoff's side of a Docker Engine. */
final class DockerRuntime implements ContainerRuntime {

    private static final Duration PULL_LIMIT = Duration.ofMinutes(30);

    private final DockerApi api;
    private final SocketOrigin origin;
    private final Path configFolder;
    private final JsonObject action;

    /** @param action inspection of the action container */
    DockerRuntime(DockerApi api, SocketOrigin origin, Path configFolder, JsonObject action) {
        this.api = api;
        this.origin = origin;
        this.configFolder = configFolder;
        this.action = action;
    }

    @Override
    public boolean hasImage(ImageReference image) {
        try {
            api.get("/images/" + image.text() + "/json");
            return true;
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void pull(ImageReference image, Optional<Credentials> credentials, Consumer<String> progress) {
        Optional<String> auth = RegistryAuth.header(image, credentials, configFolder);
        try {
            TimeLimit.call(PULL_LIMIT, () -> {
                new Pull(image, progress).run(api, auth);
                return image;
            });
        } catch (TimeoutException e) {
            throw new EngineException(
                    Kind.REFUSED, "the pull was not complete after " + PULL_LIMIT.toMinutes() + " minutes", e);
        }
    }

    @Override
    public List<String> clearEarlierTry() {
        return EarlierTry.clear(new DockerRemains(api, DockerEngine.name(action)));
    }

    @Override
    public ContainerId createTarget(HandoffPlan plan) {
        TargetRequest request = targetRequest(plan);
        ContainerId target = create(plan, HandoffPlan.Role.TARGET, request.body());
        try {
            request.furtherNetworks().forEach((network, endpoint) -> {
                JsonObject connection = Json.PROVIDER
                        .createObjectBuilder()
                        .add("Container", target.value())
                        .add("EndpointConfig", endpoint)
                        .build();
                api.post("/networks/" + DockerApi.encode(network) + "/connect", connection);
            });
        } catch (EngineException e) {
            remove(target);
            throw e;
        }
        return target;
    }

    @Override
    public ContainerId createWaiter(HandoffPlan plan, ContainerId target) {
        return create(plan, HandoffPlan.Role.WAITER, WaiterRequest.make(action, plan, origin.access(action), target));
    }

    @Override
    public void startWaiter(ContainerId waiter, Duration limit) {
        new WaiterStart(api, waiter).run(limit);
    }

    @Override
    public void remove(ContainerId container) {
        DockerState.remove(api, container, true);
    }

    @Override
    public List<String> describe(HandoffPlan plan) {
        JsonObject waiter =
                WaiterRequest.make(action, plan, origin.access(action), new ContainerId("the-target-to-be-created"));
        return List.of(targetRequest(plan).masked().toString(), waiter.toString());
    }

    @Override
    public void close() {
        api.close();
    }

    private ContainerId create(HandoffPlan plan, HandoffPlan.Role role, JsonObject body) {
        String name = plan.name(role);
        try {
            JsonObject created = api.post("/containers/create?name=" + DockerApi.encode(name), body);
            return new ContainerId(created.getString("Id"));
        } catch (EngineException e) {
            if (e.kind() == Kind.UNAVAILABLE) {
                removeUnanswered(name, e);
            }
            throw e;
        }
    }

    /** An engine whose answer was lost may have made the container all the same. */
    private void removeUnanswered(String name, EngineException failure) {
        try {
            remove(new ContainerId(name));
        } catch (EngineException e) {
            failure.addSuppressed(e);
        }
    }

    private TargetRequest targetRequest(HandoffPlan plan) {
        boolean hostNetwork =
                Json.text(Json.object(action, "HostConfig"), "NetworkMode").equals("host");
        String engineHostname = hostNetwork ? Json.text(api.get("/info"), "Name") : "";
        JsonObject ownImage = Json.object(api.get("/images/" + Json.text(action, "Image") + "/json"), "Config");
        return TargetRequest.derive(action, ownImage, plan, engineHostname);
    }
}
