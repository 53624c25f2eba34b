package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.RegistryFailure;
import io.waitdaemon.runtime.RegistryLogin;
import jakarta.json.JsonObjectBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches an image. nerdctl logs in with what it finds in a config.json of Docker's form, so one is made for it. */
record NerdctlPull(Nerdctl nerdctl, ImageReference image, Consumer<String> progress) {

    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    /** {@code elapsed: 3.1 s total: 5.2 Mi (1.7 MiB/s)}, with or without a B at the end of the sum. */
    private static final Pattern SUM = Pattern.compile("elapsed: *([0-9.]+) *s\\s+total: *([0-9.]+ *[KMGT]?i?)");

    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

    /** @param login empty for an anonymous pull, or for what the host's nerdctl has of its own */
    void run(Optional<RegistryLogin> login) {
        try (HandedFiles files = new HandedFiles(nerdctl.place())) {
            NerdctlCall call = NerdctlCall.of("pull", NerdctlImages.name(image))
                    .within(LIMIT)
                    .with(login.map(known -> Map.of("DOCKER_CONFIG", folder(files, known)))
                            .orElse(Map.of()));
            nerdctl.follow(call, new Meter());
        } catch (EngineException e) {
            throw new EngineException(RegistryFailure.kind(e.kind(), e.getMessage()), e.getMessage(), e);
        }
    }

    /** Of the table that nerdctl writes again and again, now and then what it says of the whole. */
    private final class Meter implements Consumer<String> {

        private long last = System.nanoTime();

        @Override
        public void accept(String line) {
            Matcher sum = SUM.matcher(line);
            if (sum.find() && System.nanoTime() - last > INTERVAL.toNanos()) {
                last = System.nanoTime();
                progress.accept("Pulling \"" + image + "\": " + sum.group(2).strip() + "B in " + sum.group(1) + " s.");
            }
        }
    }

    private String folder(HandedFiles files, RegistryLogin login) {
        JsonObjectBuilder entry = Json.PROVIDER.createObjectBuilder();
        switch (login) {
            case RegistryLogin.Password password -> entry.add("auth", encoded(password.credentials()));
            case RegistryLogin.IdentityToken token -> entry.add("identitytoken", token.token());
        }
        String registry = image.registry().equals(DOCKER_HUB) ? DOCKER_HUB_KEY : image.registry();
        String config = Json.PROVIDER
                .createObjectBuilder()
                .add("auths", Json.PROVIDER.createObjectBuilder().add(registry, entry))
                .build()
                .toString();
        return String.valueOf(Path.of(files.hand("config.json", config)).getParent());
    }

    private static String encoded(Credentials credentials) {
        String pair = credentials.username() + ":" + credentials.password();
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
