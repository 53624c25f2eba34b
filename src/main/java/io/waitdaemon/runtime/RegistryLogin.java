package io.waitdaemon.runtime;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who an engine shall be at a registry. Credentials that the action was given for waitdaemon come first, then the entry
 * for the image's registry in Docker's config.json. Credential helpers are programs of the user's machine and are not in
 * a container: they are named in the log and passed over.
 */
public sealed interface RegistryLogin {

    /** By name and password. */
    record Password(Credentials credentials) implements RegistryLogin {}

    /** By a token that the registry's authorization service takes in place of a password. */
    record IdentityToken(String token) implements RegistryLogin {
        @Override
        public String toString() {
            return "IdentityToken[token=***]";
        }
    }

    /** The text of a config.json of Docker's with this login, for programs that look for one there. */
    default String dockerConfig(String registry) {
        return DockerConfig.text(registry, this);
    }

    /**
     * @param given to waitdaemon itself
     * @param configFolder where a config.json may lie
     * @return empty for an anonymous pull
     */
    static Optional<RegistryLogin> find(ImageReference image, Optional<Credentials> given, Path configFolder) {
        return given.<RegistryLogin>map(Password::new)
                .or(() -> new DockerConfig(configFolder.resolve("config.json")).login(image.registry()));
    }
}
