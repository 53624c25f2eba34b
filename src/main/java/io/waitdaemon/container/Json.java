package io.waitdaemon.container;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.parsson.JsonProviderImpl;

/**
 * JSON trees, read and built by the JSON-P implementation that Quarkus brings along. Named directly, since looking it
 * up as a service costs a scan of the class path in every process.
 */
public final class Json {

    /** Makes readers and builders; thread-safe. */
    public static final JsonProvider PROVIDER = new JsonProviderImpl();

    private Json() {}

    /**
     * Reads one object.
     *
     * @throws jakarta.json.JsonException when the text is anything else
     */
    public static JsonObject object(String text) {
        try (JsonReader reader = PROVIDER.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    /** The member as an object; an empty one when it is missing, null or of another type. */
    public static JsonObject object(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonObject object ? object : JsonValue.EMPTY_JSON_OBJECT;
    }

    /** The member's text; empty when it is missing, null or of another type. */
    public static String text(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonString string ? string.getString() : "";
    }

    /** Whether the member is {@code true}; not when it is missing. */
    public static boolean isTrue(JsonObject parent, String name) {
        return JsonValue.TRUE.equals(parent.get(name));
    }

    /** The strings in a member that is an array; empty when it is missing or null. */
    public static List<String> texts(JsonObject parent, String name) {
        if (parent.get(name) instanceof jakarta.json.JsonArray array) {
            return array.getValuesAs(JsonString.class).stream()
                    .map(JsonString::getString)
                    .toList();
        }
        return List.of();
    }

    /** The members that are strings, in their order. */
    public static Map<String, String> textMembers(JsonObject object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.forEach((name, value) -> {
            if (value instanceof JsonString text) {
                texts.put(name, text.getString());
            }
        });
        return texts;
    }

    /** An array of these strings, to be built into something. */
    public static JsonArrayBuilder strings(List<String> texts) {
        return PROVIDER.createArrayBuilder(texts);
    }

    /** The objects in a member that is an array of them; empty when it is missing or null. */
    public static List<JsonObject> objects(JsonObject parent, String name) {
        return parent.get(name) instanceof jakarta.json.JsonArray array
                ? array.getValuesAs(JsonObject.class)
                : List.of();
    }
}
