package io.waitdaemon.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.RegistryFailure;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One pull through {@code POST /images/create}. The engine answers 200 before it asks the registry; what goes wrong
 * after that stands inside the stream, as a line with {@code error}, and is a failure like any other.
 */
final class Pull {

    private static final long REPORT_EVERY = Duration.ofSeconds(3).toNanos();
    private static final double MEGABYTE = 1e6;

    private final ImageReference image;
    private final Consumer<String> progress;
    private final Map<String, JsonObject> layers = new HashMap<>();
    private long lastReport = System.nanoTime();

    Pull(ImageReference image, Consumer<String> progress) {
        this.image = image;
        this.progress = progress;
    }

    /**
     * Pulls and returns when the image is complete.
     *
     * @param authHeader value of {@code X-Registry-Auth}
     */
    void run(DockerApi api, Optional<String> authHeader) {
        String path = "/images/create?fromImage=" + DockerApi.encode(image.name()) + "&tag="
                + DockerApi.encode(image.selector());
        Map<String, String> headers =
                authHeader.map(auth -> Map.of("X-Registry-Auth", auth)).orElse(Map.of());
        try (DockerHttpClient.Response response = api.stream("POST", path, headers);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(response.getBody(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    read(Json.object(line));
                }
            }
        } catch (EngineException e) {
            throw new EngineException(RegistryFailure.kind(e.kind(), e.getMessage()), e.getMessage(), e);
        } catch (IOException | JsonException e) {
            throw new EngineException(Kind.UNAVAILABLE, "the engine broke off the pull: " + e.getMessage(), e);
        }
    }

    private void read(JsonObject event) {
        String error = Json.text(event, "error");
        if (error.isEmpty()) {
            error = Json.text(Json.object(event, "errorDetail"), "message");
        }
        if (!error.isEmpty()) {
            throw new EngineException(Kind.UNAVAILABLE, error);
        }
        String layer = Json.text(event, "id");
        if (!layer.isEmpty() && !Json.text(event, "status").startsWith("Pulling from")) {
            layers.put(layer, event);
            report();
        }
    }

    private void report() {
        if (System.nanoTime() - lastReport < REPORT_EVERY) {
            return;
        }
        lastReport = System.nanoTime();
        long complete = layers.values().stream()
                .map(event -> Json.text(event, "status"))
                .filter(status -> status.equals("Pull complete") || status.equals("Already exists"))
                .count();
        long loading = layers.values().stream()
                .filter(event -> Json.text(event, "status").equals("Downloading"))
                .mapToLong(event -> Json.object(event, "progressDetail").getInt("current", 0))
                .sum();
        progress.accept("Pulling \"%s\": %d of %d layers complete, %.1f MB of the others downloaded."
                .formatted(image, complete, layers.size(), loading / MEGABYTE));
    }
}
