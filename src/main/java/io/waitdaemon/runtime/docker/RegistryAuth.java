package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The {@code X-Registry-Auth} header of a pull. Credentials that the action was given for waitdaemon come first, then
 * the entry for the image's registry in Docker's config.json. Credential helpers are programs of the user's machine and
 * are not in a container: they are named in the log and passed over.
 */
final class RegistryAuth {

    private static final Logger LOG = Logger.getLogger(RegistryAuth.class);
    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

    private RegistryAuth() {}

    /** The header's value; empty for an anonymous pull. */
    static Optional<String> header(ImageReference image, Optional<Credentials> given, Path configFolder) {
        return given.map(credentials -> passwordAuth(image, credentials))
                .or(() -> fromConfig(image, configFolder.resolve("config.json")))
                .map(json ->
                        Base64.getUrlEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static Optional<JsonObject> fromConfig(ImageReference image, Path file) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        JsonObject config;
        try {
            config = Json.object(Files.readString(file));
        } catch (IOException | JsonException e) {
            LOG.warnf("Docker's configuration \"%s\" cannot be read and is passed over: pulling without it.", file);
            return Optional.empty();
        }
        JsonObject auths = Json.object(config, "auths");
        Optional<JsonObject> entry = keys(image.registry())
                .filter(auths::containsKey)
                .map(key -> Json.object(auths, key))
                .filter(found -> !found.isEmpty())
                .findFirst();
        if (entry.isEmpty() && (config.containsKey("credsStore") || config.containsKey("credHelpers"))) {
            LOG.warnf(
                    "\"%s\" names a credential helper, which does not exist in this container. If the image is private,"
                            + " set WAITDAEMON_REGISTRY_USERNAME and WAITDAEMON_REGISTRY_PASSWORD.",
                    file);
        }
        return entry.flatMap(found -> fromEntry(image, found));
    }

    private static Optional<JsonObject> fromEntry(ImageReference image, JsonObject entry) {
        String token = Json.text(entry, "identitytoken");
        if (!token.isEmpty()) {
            return Optional.of(Json.PROVIDER
                    .createObjectBuilder()
                    .add("identitytoken", token)
                    .add("serveraddress", image.registry())
                    .build());
        }
        String auth = Json.text(entry, "auth");
        if (auth.isEmpty()) {
            return Optional.of(Json.text(entry, "username"))
                    .filter(user -> !user.isEmpty())
                    .map(user -> passwordAuth(image, new Credentials(user, Json.text(entry, "password"))));
        }
        String[] pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8).split(":", 2);
        } catch (IllegalArgumentException e) {
            LOG.warnf("The entry for %s in Docker's config.json is not base64 and is passed over.", image.registry());
            return Optional.empty();
        }
        return pair.length == 2
                ? Optional.of(passwordAuth(image, new Credentials(pair[0], pair[1])))
                : Optional.empty();
    }

    private static JsonObject passwordAuth(ImageReference image, Credentials credentials) {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("username", credentials.username())
                .add("password", credentials.password())
                .add("serveraddress", image.registry())
                .build();
    }

    private static Stream<String> keys(String registry) {
        Stream<String> plain =
                Stream.of(registry, "https://" + registry, "https://" + registry + "/", "http://" + registry);
        return registry.equals(DOCKER_HUB) ? Stream.concat(Stream.of(DOCKER_HUB_KEY, "index.docker.io"), plain) : plain;
    }
}
