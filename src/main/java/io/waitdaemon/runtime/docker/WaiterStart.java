package io.waitdaemon.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.LastWords;
import io.waitdaemon.runtime.TimeLimit;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Starts a waiter and waits until it has said that it can do its job. */
final class WaiterStart {

    private static final int LAST_LINES = 5;

    private final DockerApi api;
    private final ContainerId waiter;

    WaiterStart(DockerApi api, ContainerId waiter) {
        this.api = api;
        this.waiter = waiter;
    }

    /** @throws EngineException when the waiter has not said so within the limit, with what it said instead */
    void run(Duration limit) {
        try {
            TimeLimit.call(limit, () -> {
                startAndAwaitReadiness();
                return waiter;
            });
        } catch (TimeoutException e) {
            throw new EngineException(
                    Kind.UNAVAILABLE,
                    "the waiter did not report that it is ready within " + limit.toSeconds() + " s" + lastWords(),
                    e);
        }
    }

    /** The waiter's sign is its first note, which shows as a rename; events are asked for before it can come. */
    private void startAndAwaitReadiness() {
        JsonObject filters = Json.PROVIDER
                .createObjectBuilder()
                .add("container", Json.strings(List.of(waiter.value())))
                .add("event", Json.strings(List.of("rename", "die")))
                .build();
        String path = "/events?filters=" + DockerApi.encode(filters.toString());
        try (DockerHttpClient.Response events = api.stream("GET", path, Map.of())) {
            // not closed by itself: closing the body of an endless answer reads on to its end
            BufferedReader lines = new BufferedReader(new InputStreamReader(events.getBody(), StandardCharsets.UTF_8));
            api.post("/containers/" + waiter + "/start");
            String line = lines.readLine();
            if (line == null) {
                throw new EngineException(Kind.UNAVAILABLE, "Docker broke off its events");
            }
            if (!Json.text(Json.object(line), "Action").equals("rename")) {
                throw new EngineException(Kind.REFUSED, "the waiter ended at once" + lastWords());
            }
        } catch (IOException e) {
            throw new EngineException(Kind.UNAVAILABLE, "Docker broke off its events: " + e.getMessage(), e);
        }
    }

    private String lastWords() {
        return LastWords.phrase(DockerState.lastLines(api, waiter, LAST_LINES));
    }
}
