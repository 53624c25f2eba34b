package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import java.util.Optional;

/** The images that a nerdctl knows. */
record NerdctlImages(Nerdctl nerdctl) {

    /** The image as nerdctl's native view has it: {@code Image}, {@code ImageConfig} …; empty when there is none. */
    Optional<JsonObject> find(String name) {
        return nerdctl.inspect("image", name);
    }

    /** What a container of the image runs as: {@code Env}, {@code Entrypoint}, {@code Labels} … */
    static JsonObject config(JsonObject image) {
        return Json.object(Json.object(image, "ImageConfig"), "config");
    }

    /** By which no other image can be meant. */
    static String id(JsonObject image) {
        return Json.text(Json.object(Json.object(image, "Image"), "Target"), "digest");
    }
}
