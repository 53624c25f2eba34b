package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that an engine says it did since a given moment, in its order and with its clock. Survives a restart of the engine,
 * but an engine forgets its events when it ends and keeps only the last 256 for those who come late; what it did in the
 * last instants of its life may be missing.
 */
public final class Events implements AutoCloseable {

    private static final Duration GIVE_UP = Duration.ofMinutes(2);
    private static final Duration BARRIER_LIMIT = Duration.ofSeconds(30);

    private final DockerCli docker;
    private final List<Event> seen = new ArrayList<>();
    private @Nullable Process process;
    private boolean closed;

    /** One event. The id is the container's, image's, … in full; attributes hold the name, the labels, exitCode, signal. */
    public record Event(long timeNano, String type, String action, String id, Map<String, String> attributes) {

        public Event {
            attributes = Map.copyOf(attributes);
        }

        public Instant time() {
            return Instant.ofEpochSecond(0, timeNano);
        }

        /** Of a container, by its name, its id or the beginning of its id (12 characters at least). */
        public boolean isOf(String container) {
            return type.equals("container")
                    && (container.equals(attributes.get("name"))
                            || (container.length() >= 12 && id.startsWith(container)));
        }

        public Optional<String> attribute(String key) {
            return Optional.ofNullable(attributes.get(key));
        }

        /** By the engine's clock, which is one clock for all its containers. */
        public Duration after(Event earlier) {
            return Duration.ofNanos(timeNano - earlier.timeNano);
        }

        private static Event parse(String line) {
            try (JsonReader reader = Json.createReader(new StringReader(line))) {
                JsonObject json = reader.readObject();
                JsonObject actor = json.getJsonObject("Actor");
                return new Event(
                        json.getJsonNumber("timeNano").longValueExact(),
                        json.getString("Type"),
                        json.getString("Action"),
                        actor.getString("ID"),
                        actor.getJsonObject("Attributes").entrySet().stream()
                                .collect(Collectors.toMap(
                                        Map.Entry::getKey, entry -> ((JsonString) entry.getValue()).getString())));
            }
        }
    }

    private Events(DockerCli docker) {
        this.docker = docker;
    }

    /** From now on; what happens right after this call is not missed. */
    public static Events of(DockerCli docker) {
        return since(docker, Instant.now());
    }

    /** From a moment in the past, as far as the engine remembers. */
    public static Events since(DockerCli docker, Instant moment) {
        Events events = new Events(docker);
        long nanos = moment.getEpochSecond() * 1_000_000_000L + moment.getNano();
        Thread.ofVirtual().name("events of " + docker.host()).start(() -> events.follow(nanos));
        return events;
    }

    /** The first event, past or to come, that fits. */
    public Event await(Predicate<Event> which, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (seen) {
            while (true) {
                Optional<Event> found = seen.stream().filter(which).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("No such event within " + limit + "; seen: " + listing());
                }
                try {
                    seen.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("Interrupted while waiting for an event", e);
                }
            }
        }
    }

    /** The first start of a container given by name or id. */
    public Event awaitStart(String container, Duration limit) {
        return await(event -> event.action().equals("start") && event.isOf(container), limit);
    }

    /** The first end of a container's process; attribute {@code exitCode} says how it ended. */
    public Event awaitDie(String container, Duration limit) {
        return await(event -> event.action().equals("die") && event.isOf(container), limit);
    }

    /** The first event with this action of a container that has this label. */
    public Event awaitLabelled(String label, String value, String action, Duration limit) {
        return await(
                event -> event.type().equals("container")
                        && event.action().equals(action)
                        && value.equals(event.attributes().get(label)),
                limit);
    }

    /** What has arrived so far; to be sure that something did <em>not</em> happen, take {@link #upToNow()}. */
    public List<Event> all() {
        synchronized (seen) {
            return List.copyOf(seen);
        }
    }

    /**
     * Everything that the engine did before this call: makes the engine emit an event of our own (it creates a volume and
     * removes it) and waits until it comes by. Needs the engine to be running.
     */
    public List<Event> upToNow() {
        String mark = "mark-" + UUID.randomUUID();
        docker.ok("volume", "create", mark);
        Event event = await(
                candidate -> candidate.type().equals("volume") && candidate.id().equals(mark), BARRIER_LIMIT);
        docker.ok("volume", "rm", mark);
        List<Event> all = all();
        return all.subList(0, all.indexOf(event)).stream()
                .filter(earlier ->
                        !(earlier.type().equals("volume") && earlier.id().startsWith("mark-")))
                .toList();
    }

    /** How often a container, given by name or id, did this up to now, such as {@code start}. */
    public long count(String container, String action) {
        return upToNow().stream()
                .filter(event -> event.action().equals(action) && event.isOf(container))
                .count();
    }

    @Override
    public void close() {
        synchronized (seen) {
            closed = true;
            if (process != null) {
                process.destroy();
            }
        }
    }

    /** Subscribes, and again after the stream has ended because the engine did. */
    private void follow(long since) {
        long next = since;
        while (engineIsThere()) {
            Process stream = subscribe(next);
            if (stream == null) {
                return;
            }
            try (BufferedReader lines = stream.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Event event = Event.parse(line);
                    next = Math.max(next, event.timeNano() + 1);
                    synchronized (seen) {
                        seen.add(event);
                        seen.notifyAll();
                    }
                }
            } catch (IOException e) {
                // closed under our hands by close(), or by the end of the engine: the loop tells them apart
            }
            stream.destroy();
            Await.within(Duration.ofSeconds(5), () -> !stream.isAlive());
        }
    }

    private @Nullable Process subscribe(long since) {
        synchronized (seen) {
            if (closed) {
                return null;
            }
            String moment = "%d.%09d".formatted(since / 1_000_000_000L, since % 1_000_000_000L);
            process = docker.start("events", "--since", moment, "--format", "{{json .}}");
            return process;
        }
    }

    private boolean engineIsThere() {
        if (!docker.host().startsWith("unix://")) {
            return true;
        }
        Path socket = Path.of(docker.host().substring("unix://".length()));
        return Await.within(
                        GIVE_UP,
                        () -> isClosed()
                                || (Files.exists(socket)
                                        && docker.run("version").exit() == 0))
                && !isClosed();
    }

    private boolean isClosed() {
        synchronized (seen) {
            return closed;
        }
    }

    private String listing() {
        return seen.stream()
                .map(event -> event.time() + " " + event.type() + " " + event.action() + " " + event.id())
                .collect(Collectors.joining("\n", "\n", ""));
    }
}
