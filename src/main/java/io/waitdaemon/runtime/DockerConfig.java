package io.waitdaemon.runtime;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The credentials in the configuration file that Docker's and containerd's clients share. */
record DockerConfig(Path file) {

    private static final Logger LOG = Logger.getLogger(DockerConfig.class);
    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

    Optional<RegistryLogin> login(String registry) {
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
        Optional<JsonObject> entry = keys(registry)
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
        return entry.flatMap(found -> login(registry, found));
    }

    private static Optional<RegistryLogin> login(String registry, JsonObject entry) {
        String token = Json.text(entry, "identitytoken");
        if (!token.isEmpty()) {
            return Optional.of(new RegistryLogin.IdentityToken(token));
        }
        String auth = Json.text(entry, "auth");
        if (auth.isEmpty()) {
            return Optional.of(Json.text(entry, "username"))
                    .filter(user -> !user.isEmpty())
                    .map(user -> password(user, Json.text(entry, "password")));
        }
        String[] pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8).split(":", 2);
        } catch (IllegalArgumentException e) {
            LOG.warnf("The entry for %s in Docker's config.json is not base64 and is passed over.", registry);
            return Optional.empty();
        }
        return pair.length == 2 ? Optional.of(password(pair[0], pair[1])) : Optional.empty();
    }

    /** A file's text with this login alone, from which {@link #login(String)} would read it. */
    static String text(String registry, RegistryLogin login) {
        JsonObjectBuilder entry = Json.PROVIDER.createObjectBuilder();
        switch (login) {
            case RegistryLogin.Password(Credentials credentials) -> {
                String pair = credentials.username() + ":" + credentials.password();
                entry.add("auth", Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
            }
            case RegistryLogin.IdentityToken(String token) -> entry.add("identitytoken", token);
        }
        String key = registry.equals(DOCKER_HUB) ? DOCKER_HUB_KEY : registry;
        return Json.PROVIDER
                .createObjectBuilder()
                .add("auths", Json.PROVIDER.createObjectBuilder().add(key, entry))
                .build()
                .toString();
    }

    private static RegistryLogin password(String user, String password) {
        return new RegistryLogin.Password(new Credentials(user, password));
    }

    private static Stream<String> keys(String registry) {
        Stream<String> plain =
                Stream.of(registry, "https://" + registry, "https://" + registry + "/", "http://" + registry);
        return registry.equals(DOCKER_HUB) ? Stream.concat(Stream.of(DOCKER_HUB_KEY, "index.docker.io"), plain) : plain;
    }
}
