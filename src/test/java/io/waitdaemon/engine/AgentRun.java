package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One action that is run as tink-agent's containerd runtime runs it, by the program in {@code src/test/go/agent}. The
 * options are that program's, such as {@code --pid host --network host --volume /a:/b --env K=V}; see {@code --help}.
 */
public final class AgentRun {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final PrivateContainerd containerd;
    private final Process process;
    private final Path output;
    private final Map<String, CompletableFuture<JsonObject>> events = new ConcurrentHashMap<>();

    private AgentRun(PrivateContainerd containerd, Process process, Path output) {
        this.containerd = containerd;
        this.process = process;
        this.output = output;
    }

    /** Returns at once; each of the methods below waits for what it is about. */
    public static AgentRun begin(
            PrivateContainerd containerd, ImageArchive image, List<String> options, String... args) {
        containerd.add(image);
        List<String> line =
                new ArrayList<>(List.of("agent", "--address", containerd.address(), "--image", image.reference()));
        line.addAll(options);
        line.add("--");
        line.addAll(List.of(args));
        try {
            Path output = Files.createTempFile(containerd.folder(), "agent", ".out");
            Process process =
                    containerd.begin(line, ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.to(output.toFile()));
            AgentRun run = new AgentRun(containerd, process, output);
            Thread.ofVirtual().name("events of agent " + process.pid()).start(run::follow);
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a file for the agent's output", e);
        }
    }

    /** The id of the action's container. */
    public String id() {
        return await("created").getString("id");
    }

    /** The name that nerdctl shows, such as {@code tinkerbell_action_0123456789abcdef}. */
    public String name() {
        return await("created").getString("name");
    }

    /** The process id of the action, in the machine's numbers. */
    public long pid() {
        return await("started").getJsonNumber("pid").longValue();
    }

    /** When the action ended, by containerd's account; the agent may still be tidying up. */
    public Instant ended() {
        return Instant.parse(await("ended").getString("ended"));
    }

    /** When the agent had removed the container of an action that succeeded. */
    public Instant removed() {
        return Instant.parse(await("removed").getString("time"));
    }

    /** The exit code of the action, when the agent has ended too; 125 if the agent failed. */
    public int exit() {
        try {
            if (!process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("The agent does not end within " + SOON + ":\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the agent ran", e);
        }
    }

    /** What the action has written on both streams so far, and the agent's own complaints. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    /** The agent's time is over: it kills the action, which is kept as a failed one. */
    public void stop() {
        containerd.program(process).destroy();
        exit();
    }

    /** The agent is gone and the action goes on. Nobody will tidy up, except here the DNS files. */
    public void kill() {
        containerd.program(process).destroyForcibly();
        exit();
        JsonObject created = event("created")
                .exceptionally(none -> JsonObject.EMPTY_JSON_OBJECT)
                .join();
        if (created.containsKey("dns")) {
            Command.run("rm", "-rf", "--", created.getString("dns")).ok();
        }
    }

    private void follow() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                try (JsonReader reader = Json.createReader(new StringReader(line))) {
                    JsonObject object = reader.readObject();
                    event(object.getString("event")).complete(object);
                }
            }
        } catch (IOException e) {
            // the end of the agent, like the end of the stream
        }
        for (String name : List.of("created", "started", "ended", "removed", "kept")) {
            event(name).completeExceptionally(new IllegalStateException("The agent has ended"));
        }
    }

    private CompletableFuture<JsonObject> event(String name) {
        return events.computeIfAbsent(name, any -> new CompletableFuture<>());
    }

    private JsonObject await(String name) {
        try {
            return event(name).get(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("The agent did not say '" + name + "':\n" + output(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for '" + name + "'", e);
        }
    }
}
