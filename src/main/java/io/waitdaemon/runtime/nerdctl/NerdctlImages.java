package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** The images that a nerdctl knows. */
record NerdctlImages(Nerdctl nerdctl) {

    /** The image as nerdctl's native view has it: {@code Image}, {@code ImageConfig} …; empty when there is none. */
    Optional<JsonObject> find(String name) {
        try {
            String text = nerdctl.run("image", "inspect", "--mode=native", name);
            List<JsonObject> found =
                    text.isBlank() ? List.of() : Json.objects(Json.object("{\"all\":" + text + "}"), "all");
            return found.stream().findFirst();
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (JsonException e) {
            throw new EngineException(Kind.REFUSED, "nerdctl's inspection of the image " + name + " is no JSON", e);
        }
    }

    /** What a container of the image runs as: {@code Env}, {@code Entrypoint}, {@code Labels} … */
    static JsonObject config(JsonObject image) {
        return Json.object(Json.object(image, "ImageConfig"), "config");
    }

    /** By which no other image can be meant. */
    static String id(JsonObject image) {
        return Json.text(Json.object(Json.object(image, "Image"), "Target"), "digest");
    }

    /** The name in full: a short one could be taken for the beginning of another image's id. */
    static String name(ImageReference image) {
        return image.isImageId()
                ? image.text()
                : image.name()
                        + image.tag().map(tag -> ":" + tag).orElse("")
                        + image.digest().map(digest -> "@" + digest).orElse("");
    }
}
