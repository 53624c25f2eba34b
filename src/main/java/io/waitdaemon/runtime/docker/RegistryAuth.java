package io.waitdaemon.runtime.docker;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.RegistryLogin;
import jakarta.json.JsonObjectBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/** The {@code X-Registry-Auth} header of a pull. */
final class RegistryAuth {

    private RegistryAuth() {}

    /** The header's value; empty for an anonymous pull. */
    static Optional<String> header(ImageReference image, Optional<Credentials> given, Path configFolder) {
        return RegistryLogin.find(image, given, configFolder).map(login -> {
            JsonObjectBuilder json = Json.PROVIDER.createObjectBuilder();
            switch (login) {
                case RegistryLogin.Password password -> {
                    json.add("username", password.credentials().username());
                    json.add("password", password.credentials().password());
                }
                case RegistryLogin.IdentityToken identity -> json.add("identitytoken", identity.token());
            }
            String text = json.add("serveraddress", image.registry()).build().toString();
            return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        });
    }
}
