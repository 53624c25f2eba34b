package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A Docker Engine that answers: finds the container that asks. */
final class DockerEngine implements ContainerEngine {

    private final DockerApi api;
    private final SocketOrigin origin;
    private final Path configFolder;
    private final Map<ContainerId, JsonObject> inspections = new HashMap<>();

    DockerEngine(DockerApi api, SocketOrigin origin, Path configFolder) {
        this.api = api;
        this.origin = origin;
        this.configFolder = configFolder;
    }

    @Override
    public Optional<ContainerFacts> lookUp(String idOrName) {
        try {
            JsonObject inspection = api.get("/containers/" + DockerApi.encode(idOrName) + "/json");
            ContainerFacts facts = facts(inspection);
            inspections.put(facts.id(), inspection);
            return Optional.of(facts);
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public List<ContainerFacts> running() {
        return api.getArray("/containers/json").getValuesAs(JsonObject.class).stream()
                .map(container -> lookUp(Json.text(container, "Id")))
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public ContainerRuntime runtimeFor(ContainerFacts action) {
        return new DockerRuntime(api, origin, configFolder, Objects.requireNonNull(inspections.get(action.id())));
    }

    @Override
    public void close() {
        api.close();
    }

    /** @param inspection of a container */
    static String name(JsonObject inspection) {
        String name = Json.text(inspection, "Name");
        return name.startsWith("/") ? name.substring(1) : name;
    }

    private static ContainerFacts facts(JsonObject inspection) {
        JsonObject state = Json.object(inspection, "State");
        JsonObject driver = Json.object(inspection, "GraphDriver");
        String upperDir = Json.text(Json.object(driver, "Data"), "UpperDir");
        return new ContainerFacts(
                new ContainerId(Json.text(inspection, "Id")),
                name(inspection),
                Json.isTrue(state, "Running"),
                state.getInt("Pid", 0),
                Json.text(Json.object(inspection, "HostConfig"), "PidMode").equals("host"),
                Optional.of(upperDir).filter(path -> !path.isEmpty()),
                Json.texts(Json.object(inspection, "Config"), "Env"));
    }
}
