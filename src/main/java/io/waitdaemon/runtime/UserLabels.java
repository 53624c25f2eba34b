package io.waitdaemon.runtime;

import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import jakarta.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which of the labels of a container on containerd did its user set? */
public final class UserLabels {

    private UserLabels() {}

    /**
     * Without those of containerd, its clients and waitdaemon, and without those that the container has of its image.
     *
     * @param ofImage {@code Labels} of the image
     */
    public static Map<String, String> of(Map<String, String> labels, JsonObject ofImage) {
        Map<String, String> given = new LinkedHashMap<>();
        labels.forEach((key, value) -> {
            boolean internal = key.startsWith(NerdctlLabels.PREFIX)
                    || key.startsWith(HandoffPlan.LABEL_PREFIX)
                    || key.startsWith("containerd.io/")
                    || key.startsWith("io.containerd.");
            boolean ofItsImage = ofImage.containsKey(key) && value.equals(Json.text(ofImage, key));
            if (!internal && !ofItsImage) {
                given.put(key, value);
            }
        });
        return given;
    }
}
