package io.waitdaemon.it;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.Comparator;
import java.util.List;

/**
 * A container on record whose lists are in an order of ours, for comparisons of what different clients have made: the order
 * of devices, capabilities, namespaces and of mounts at different places means nothing.
 */
final class SortedContainer {

    /** By what an object in a list is known. */
    private static final List<String> KEYS = List.of("destination", "path", "type");

    private SortedContainer() {}

    static JsonObject of(JsonObject container) {
        return Json.createObjectBuilder(container)
                .add("Spec", sorted(container.getJsonObject("Spec")))
                .build();
    }

    private static JsonValue sorted(JsonValue value) {
        return switch (value) {
            case JsonObject object -> {
                JsonObjectBuilder builder = Json.createObjectBuilder();
                object.forEach((key, member) -> builder.add(key, sorted(member)));
                yield builder.build();
            }
            case JsonArray array -> {
                JsonArrayBuilder builder = Json.createArrayBuilder();
                array.stream()
                        .map(SortedContainer::sorted)
                        .sorted(Comparator.comparing(SortedContainer::key))
                        .forEach(builder::add);
                yield builder.build();
            }
            default -> value;
        };
    }

    private static String key(JsonValue value) {
        if (value instanceof JsonObject object) {
            for (String key : KEYS) {
                if (object.containsKey(key)) {
                    return object.get(key) + object.toString();
                }
            }
        }
        return value.toString();
    }
}
