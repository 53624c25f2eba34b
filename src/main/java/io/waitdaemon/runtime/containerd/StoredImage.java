package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import java.util.List;

/**
 * An image that is in the content store, with its manifest and configuration for this platform.
 *
 * @param name by which containerd knows it
 * @param document the image's configuration: {@code config}, {@code rootfs} and more (OCI image specification,
 *     config.md)
 * @param layers descriptors of the layers, lowest first
 */
record StoredImage(String name, JsonObject document, List<JsonObject> layers) {

    StoredImage {
        layers = List.copyOf(layers);
    }

    /** What a container of the image runs as: {@code Env}, {@code Entrypoint}, {@code Cmd}, {@code User} … */
    JsonObject config() {
        return Json.object(document, "config");
    }

    /** The name of the snapshot that holds all the layers: the parent of every container's. */
    String chainId() {
        return ChainId.of(Json.texts(Json.object(document, "rootfs"), "diff_ids"));
    }
}
