package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.NerdctlLabels;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Has a container been started? containerd forgets a task that ended while it was away, and nothing that nerdctl prints tells
 * such a container from one that was never started. The hook that nerdctl has runc run notes when it made the process,
 * beside the container's log (nerdctl 2.0 to 2.3: pkg/ocihook/state).
 *
 * @param host whose files a nerdctl on the host has
 */
record Lifecycle(Place place, HostRoot host) {

    private static final String FILE = "lifecycle.json";

    /** How Go writes a time that was never set. */
    private static final String NEVER = "0001-";

    /** Whether it runs or has run. */
    boolean wasStarted(NativeContainer container) {
        return switch (container.status()) {
            case CREATED -> false;
            case RUNNING, STOPPED -> true;
            case NONE -> note(container).filter(Lifecycle::tellsOfAStart).isPresent();
        };
    }

    private static boolean tellsOfAStart(JsonObject note) {
        String startedAt = Json.text(note, "started_at");
        return !startedAt.isEmpty() && !startedAt.startsWith(NEVER) && !Json.isTrue(note, "create_error");
    }

    private Optional<JsonObject> note(NativeContainer container) {
        Path onHost = Path.of(container.labels().getOrDefault(NerdctlLabels.STATE_DIR, "/"))
                .resolve(FILE);
        Optional<Path> file =
                switch (place) {
                    case BUNDLED -> Optional.of(onHost);
                    case HOST -> host.ofInit(onHost);
                };
        try {
            return file.isPresent() && Files.exists(file.get())
                    ? Optional.of(Json.object(Files.readString(file.get())))
                    : Optional.empty();
        } catch (IOException | JsonException e) {
            return Optional.empty();
        }
    }
}
