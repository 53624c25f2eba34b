package io.waitdaemon.runtime;

import io.waitdaemon.container.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.List;
import java.util.Map;

/** What nerdctl notes on the containers that it makes (nerdctl 2.2, 2.3: pkg/labels), and Tinkerbell's agent in its manner. */
public final class NerdctlLabels {

    public static final String PREFIX = "nerdctl/";
    public static final String NAME = PREFIX + "name";
    public static final String HOSTNAME = PREFIX + "hostname";
    public static final String NETWORKS = PREFIX + "networks";
    public static final String PORTS = PREFIX + "ports";
    public static final String STATE_DIR = PREFIX + "state-dir";

    private static final String VALUE = "value";

    private NerdctlLabels() {}

    /** Names of networks, {@code host}, {@code none} or {@code container:ID}; empty when the container says nothing of them. */
    public static List<String> networks(Map<String, String> labels) {
        return texts(labels.getOrDefault(NETWORKS, ""));
    }

    /** The strings in a label that holds a JSON array of them; none for a label that holds anything else. */
    public static List<String> texts(String label) {
        return array(label).stream()
                .filter(JsonString.class::isInstance)
                .map(text -> ((JsonString) text).getString())
                .toList();
    }

    /** A label that holds a JSON array; an empty one for a label that is empty or holds anything else. */
    public static JsonArray array(String label) {
        return parsed(label).get(VALUE) instanceof JsonArray array ? array : JsonArray.EMPTY_JSON_ARRAY;
    }

    /** A label that holds a JSON object; an empty one for a label that is empty or holds anything else. */
    public static JsonObject object(String label) {
        return Json.object(parsed(label), VALUE);
    }

    private static JsonObject parsed(String label) {
        try {
            return label.isEmpty() ? JsonObject.EMPTY_JSON_OBJECT : Json.object("{\"" + VALUE + "\":" + label + "}");
        } catch (JsonException e) {
            return JsonObject.EMPTY_JSON_OBJECT;
        }
    }
}
