package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ImageReference;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.RegistryFailure;
import io.waitdaemon.runtime.RegistryLogin;
import java.nio.file.Path;
import java.time.Duration;
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

    /** @param login empty for an anonymous pull, or for what the host's nerdctl has of its own */
    void run(Optional<RegistryLogin> login) {
        try (HandedFiles files = new HandedFiles(nerdctl.place())) {
            NerdctlCall call = NerdctlCall.of("pull", image.fullName())
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
        String file = files.hand("config.json", login.dockerConfig(image.registry()));
        return String.valueOf(Path.of(file).getParent());
    }
}
