package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What containerd says it does from now on, by {@code ctr events}. It keeps no history, and the stream ends with it. */
public final class ContainerdEvents implements AutoCloseable {

    /** {@code 2026-11-22 09:36:25.123 +0000 UTC tinkerbell /tasks/start {…}}: Go's time, namespace, topic and message. */
    private static final Pattern LINE = Pattern.compile("(\\S+) (\\S+) \\+0000 UTC (\\S*) (/\\S+) (\\{.*})");

    private static final Duration HEARD_WITHIN = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Process process;
    private final Set<String> barriers = ConcurrentHashMap.newKeySet();

    /** One event of the tests' namespace, such as {@code /tasks/exit}, with its message. */
    public record Event(Instant time, String topic, JsonObject message) {

        public String text(String key) {
            return message.getString(key, "");
        }

        /** 0 where it is not there: messages leave out what is 0. */
        public int number(String key) {
            return message.getInt(key, 0);
        }

        /** A moment in the message, which the versions write in different ways. */
        public Instant moment(String key) {
            return switch (Objects.requireNonNull(message.get(key), key)) {
                case JsonString text -> Instant.parse(text.getString());
                case JsonObject parts -> Instant.ofEpochSecond(seconds(parts), parts.getInt("nanos", 0));
                case JsonValue other -> throw new IllegalArgumentException(key + " is no time: " + other);
            };
        }

        private static long seconds(JsonObject parts) {
            return parts.get("seconds") instanceof JsonNumber number
                    ? number.longValue()
                    : Long.parseLong(parts.getString("seconds"));
        }
    }

    /**
     * Returns when events arrive, so that none is missed that comes after this call.
     *
     * @param listener called by one thread, in the order of the events
     */
    public ContainerdEvents(PrivateContainerd containerd, Consumer<Event> listener) {
        this.process = containerd.begin(
                List.of("ctr", "events"), ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.DISCARD);
        Thread.ofVirtual().name("events of " + containerd.folder()).start(() -> follow(listener));
        Await.until(LIMIT, () -> hears(containerd), () -> "No events arrive:\n" + containerd.log());
    }

    /** Nobody says when a subscription has taken effect: it has when an event arrives. */
    private boolean hears(PrivateContainerd containerd) {
        String barrier = "wd-barrier-" + NUMBER.incrementAndGet();
        containerd.ctr("namespaces", "create", barrier).ok();
        boolean heard = Await.within(HEARD_WITHIN, () -> barriers.contains(barrier));
        containerd.ctr("namespaces", "remove", barrier).ok();
        return heard;
    }

    private void follow(Consumer<Event> listener) {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    throw new IllegalStateException("ctr events has written '" + line + "'");
                }
                Event event = new Event(
                        Instant.parse(matcher.group(1) + "T" + matcher.group(2) + "Z"),
                        matcher.group(4),
                        object(matcher.group(5)));
                if (event.topic().equals("/namespaces/create")) {
                    barriers.add(event.text("name"));
                } else if (matcher.group(3).equals(PrivateContainerd.NAMESPACE)) {
                    listener.accept(event);
                }
            }
        } catch (IOException e) {
            // the end of ctr, like the end of its output
        }
    }

    private static JsonObject object(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
