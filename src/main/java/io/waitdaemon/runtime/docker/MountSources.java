package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/** Where a path of the action container lies on the engine's side: the inverse of its mounts. */
final class MountSources {

    private MountSources() {}

    /** The path for a bind mount of the same file; empty when no mount brought it into the container. */
    static Optional<String> of(JsonObject action, Path inContainer) {
        return action.getJsonArray("Mounts").getValuesAs(JsonObject.class).stream()
                .filter(mount -> !Json.text(mount, "Source").isEmpty()
                        && inContainer.startsWith(Json.text(mount, "Destination")))
                .max(Comparator.comparingInt(
                        mount -> Json.text(mount, "Destination").length()))
                .map(mount -> Path.of(Json.text(mount, "Source"))
                        .resolve(Path.of(Json.text(mount, "Destination")).relativize(inContainer))
                        .toString())
                .map(path -> path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
    }
}
