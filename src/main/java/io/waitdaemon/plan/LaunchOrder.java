package io.waitdaemon.plan;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that the waiter is told, and all that it needs: given to it as its argument, readable by everybody who may
 * inspect it, so it holds no secret.
 *
 * @param runtime name of the runtime that the handoff used
 * @param engine what that runtime needs to find the engine again from inside the waiter
 * @param waiter name of the waiter when it was created
 * @param delay from the end of the action to the start of the target, jitter included
 * @param bootId of the machine at the handoff; the target is not started under another one
 * @param uptime of the machine at the handoff
 */
public record LaunchOrder(
        String runtime,
        Map<String, String> engine,
        String waiter,
        ContainerId action,
        ContainerId target,
        Duration delay,
        String bootId,
        Duration uptime) {

    public LaunchOrder {
        engine = Map.copyOf(engine);
    }

    public String toJson() {
        JsonObjectBuilder addresses = Json.PROVIDER.createObjectBuilder();
        new TreeMap<>(engine).forEach(addresses::add);
        return Json.PROVIDER
                .createObjectBuilder()
                .add("runtime", runtime)
                .add("engine", addresses)
                .add("waiter", waiter)
                .add("action", action.value())
                .add("target", target.value())
                .add("delayMillis", delay.toMillis())
                .add("bootId", bootId)
                .add("uptimeMillis", uptime.toMillis())
                .build()
                .toString();
    }

    /** @throws IllegalArgumentException when the text was not made by {@link #toJson()} */
    public static LaunchOrder fromJson(String text) {
        try {
            JsonObject json = Json.object(text);
            Map<String, String> engine = new TreeMap<>();
            json.getJsonObject("engine")
                    .keySet()
                    .forEach(key -> engine.put(key, json.getJsonObject("engine").getString(key)));
            return new LaunchOrder(
                    json.getString("runtime"),
                    engine,
                    json.getString("waiter"),
                    new ContainerId(json.getString("action")),
                    new ContainerId(json.getString("target")),
                    Duration.ofMillis(json.getJsonNumber("delayMillis").longValue()),
                    json.getString("bootId"),
                    Duration.ofMillis(json.getJsonNumber("uptimeMillis").longValue()));
        } catch (JsonException | NullPointerException | ClassCastException e) {
            throw new IllegalArgumentException("not a launch order: " + text, e);
        }
    }
}
