package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdEvents;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.it.ActionEngine.End;
import io.waitdaemon.it.ActionEngine.Role;
import io.waitdaemon.runtime.containerd.ContainerdAccess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory that containerd does not have: what was made, started and ended since this listens. What happens while
 * nobody listens, because containerd was away, is made up for when it listens again, as far as it has left a trace.
 */
final class ContainerdHistory implements AutoCloseable {

    /** A container that a handoff made. */
    private record Made(String action, String role, String id) {}

    private final PrivateContainerd containerd;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final List<Made> made = new ArrayList<>();

    /** By container and process id, since a start may be told of twice; in their order. */
    private final Map<String, Map<Integer, Instant>> starts = new HashMap<>();

    private final Map<String, Map<Integer, End>> ends = new HashMap<>();

    private @Nullable ContainerdEvents events;

    ContainerdHistory(PrivateContainerd containerd) {
        this.containerd = containerd;
    }

    /** For the first time, or again after containerd was away. */
    void listen(ContainerdAccess access) {
        close();
        events = new ContainerdEvents(containerd, event -> hear(event, access));
        access.containers("labels.\"io.waitdaemon.role\"").forEach(id -> remember(id, access));
        access.tasks().forEach((id, task) -> {
            if (!task.status().equals("CREATED")) {
                started(id, task.pid(), Instant.now());
            }
            if (task.status().equals("STOPPED")) {
                ended(id, task.pid(), new End(task.exit(), task.ended()));
            }
        });
    }

    List<String> made(String action, Role role) {
        return locked(() -> made.stream()
                .filter(one -> one.action().equals(action) && one.role().equals(role.word()))
                .map(Made::id)
                .toList());
    }

    List<Instant> starts(String container) {
        return locked(() -> List.copyOf(starts.getOrDefault(container, Map.of()).values()));
    }

    List<End> ends(String container) {
        return locked(() -> List.copyOf(ends.getOrDefault(container, Map.of()).values()));
    }

    /** The number-th of these, as soon as there are so many. */
    <T> T await(Supplier<List<T>> which, int number, Duration limit, String what) {
        long left = limit.toNanos();
        lock.lock();
        try {
            List<T> found = which.get();
            while (found.size() < number) {
                if (left <= 0) {
                    throw new AssertionError(
                            "Not within " + limit + ": " + what + " number " + number + "; there are " + found);
                }
                left = news.awaitNanos(left);
                found = which.get();
            }
            return found.get(number - 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }

    private void hear(ContainerdEvents.Event event, ContainerdAccess access) {
        String container = event.text("container_id");
        switch (event.topic()) {
            case "/containers/create" -> remember(event.text("id"), access);
            case "/tasks/start" -> started(container, event.number("pid"), event.time());
            case "/tasks/exit" -> {
                // that of an additional process has another id
                if (container.equals(event.text("id"))) {
                    ended(
                            container,
                            event.number("pid"),
                            new End(event.number("exit_status"), event.moment("exited_at")));
                }
            }
            default -> {}
        }
    }

    private void remember(String id, ContainerdAccess access) {
        Map<String, String> labels = access.labels(id).orElse(Map.of());
        Made one = new Made(
                labels.getOrDefault("io.waitdaemon.action-id", ""), labels.getOrDefault("io.waitdaemon.role", ""), id);
        change(() -> {
            if (!one.role().isEmpty() && !made.contains(one)) {
                made.add(one);
            }
        });
    }

    private void started(String container, int pid, Instant at) {
        change(() ->
                starts.computeIfAbsent(container, any -> new LinkedHashMap<>()).putIfAbsent(pid, at));
    }

    private void ended(String container, int pid, End end) {
        change(() ->
                ends.computeIfAbsent(container, any -> new LinkedHashMap<>()).putIfAbsent(pid, end));
    }

    private void change(Runnable step) {
        locked(() -> {
            step.run();
            news.signalAll();
            return step;
        });
    }

    private <T> T locked(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
