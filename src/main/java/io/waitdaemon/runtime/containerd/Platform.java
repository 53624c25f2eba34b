package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * What images are made for, in the words of the OCI image specification.
 *
 * @param architecture {@code amd64}, {@code arm64} …
 */
record Platform(String os, String architecture) {

    /** This process's own, which is the engine's too: the engine runs it. */
    static Platform own() {
        String architecture = System.getProperty("os.arch");
        return new Platform(
                "linux",
                switch (architecture) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> architecture;
                });
    }

    /** The first descriptor in an index that fits; one without a platform fits all, an attestation none. */
    Optional<JsonObject> choose(List<JsonObject> manifests) {
        return manifests.stream()
                .filter(descriptor -> !descriptor.containsKey("platform") || fits(Json.object(descriptor, "platform")))
                .findFirst();
    }

    /**
     * Whether something says to be made for this platform.
     *
     * @param made with {@code os} and {@code architecture}: a descriptor's {@code platform}, or an image's configuration
     */
    boolean fits(JsonObject made) {
        return Json.text(made, "os").equals(os)
                && Json.text(made, "architecture").equals(architecture);
    }

    /** {@code linux/amd64}, as nerdctl writes it. */
    @Override
    public String toString() {
        return os + "/" + architecture;
    }
}
