package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The {@code docker} of the PATH, bound to one engine. It knows no context, login or proxy of the person who runs the
 * tests: its configuration folder is its own and starts empty.
 */
public record DockerCli(String host, Path config) {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    public DockerCli {
        try {
            Files.createDirectories(config);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + config, e);
        }
    }

    /** For an engine that no fixture started; the configuration folder goes with the JVM. */
    public static DockerCli at(String host) {
        OwnedFolder folder = OwnedFolder.claim("wd-docker-cli");
        Runtime.getRuntime().addShutdownHook(new Thread(folder::delete, "delete " + folder.path()));
        return new DockerCli(host, folder.path());
    }

    /** The same engine, with the logins of another folder. */
    public DockerCli withConfig(Path config) {
        return new DockerCli(host, config);
    }

    /** Runs {@code docker …} to its end, however that is; more than 60 s is an {@link AssertionError}. */
    public Result run(String... args) {
        return run(LIMIT, args);
    }

    /** As {@link #run(String...)}, with a time limit for what is known to take longer. */
    public Result run(Duration limit, String... args) {
        return Command.run(commandLine(args), environment(), limit);
    }

    /** As {@link #run(String...)}; any exit code but 0 is an {@link AssertionError} with the full output. */
    public Result ok(String... args) {
        return run(args).ok();
    }

    /** What the engine says about a container, image, network or volume. */
    public JsonObject inspect(String id) {
        try (JsonReader reader =
                Json.createReader(new StringReader(ok("inspect", id).out()))) {
            return reader.readArray().getJsonObject(0);
        }
    }

    /** Whether there is a container, image, network or volume of that name or id. */
    public boolean knows(String id) {
        return run("inspect", "--format", "{{.}}", id).exit() == 0;
    }

    /** For example {@code 20.10.24+dfsg1}. */
    public String engineVersion() {
        return ok("version", "--format", "{{.Server.Version}}").line();
    }

    /** The newest API version that the engine speaks, not the one that was negotiated. */
    public String apiVersion() {
        return ok("version", "--format", "{{.Server.APIVersion}}").line();
    }

    Process start(String... args) {
        return Command.start(
                commandLine(args), environment(), ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.DISCARD);
    }

    private static List<String> commandLine(String... args) {
        List<String> command = new ArrayList<>(List.of(Command.need("docker")));
        command.addAll(List.of(args));
        return command;
    }

    private Map<String, String> environment() {
        return Map.of("DOCKER_HOST", host, "DOCKER_CONFIG", config.toString());
    }
}
