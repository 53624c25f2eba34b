package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.RuntimeProvider;
import io.waitdaemon.runtime.Runtimes;
import io.waitdaemon.runtime.TimeLimit;
import io.waitdaemon.self.Evidence;
import io.waitdaemon.self.SelfSearch;
import io.waitdaemon.settings.RuntimeChoice;
import io.waitdaemon.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Which engine runs this very container? The ways in are tried in order; one that answers but does not know this
 * container is passed over like one that does not answer.
 */
final class RuntimeSelection {

    private static final Logger LOG = Logger.getLogger(RuntimeSelection.class);
    private static final Duration LIMIT_OF_ONE = Duration.ofSeconds(5);
    private static final Duration LIMIT_OF_ALL = Duration.ofMillis(9500);

    private final Runtimes runtimes;
    private final Evidence evidence;
    private final List<String> passedOver = new ArrayList<>();
    private boolean answered;

    RuntimeSelection(Runtimes runtimes, Evidence evidence) {
        this.runtimes = runtimes;
        this.evidence = evidence;
    }

    /** @param name of the runtime, as the waiter shall be told */
    record Selected(String name, ContainerRuntime runtime, ContainerFacts action) {}

    /** @throws NoRuntime when none of the ways led to an engine that knows this container */
    Selected select(Settings settings) {
        List<RuntimeProvider> candidates = candidates(settings.runtime());
        long begin = System.nanoTime();
        for (RuntimeProvider provider : candidates) {
            Stream<Door> doors = provider.doors(settings.docker());
            for (Iterator<Door> each = doors.iterator(); each.hasNext(); ) {
                Door door = each.next();
                long beginOfOne = System.nanoTime();
                Duration left = LIMIT_OF_ALL.minusNanos(beginOfOne - begin);
                Duration limit = left.compareTo(LIMIT_OF_ONE) < 0 ? left : LIMIT_OF_ONE;
                Optional<ContainerRuntime> opened = open(door, limit);
                if (opened.isPresent()) {
                    Optional<Selected> selected = recognise(
                            provider.name(), door, opened.get(), limit.minusNanos(System.nanoTime() - beginOfOne));
                    if (selected.isPresent()) {
                        return selected.get();
                    }
                }
            }
        }
        throw new NoRuntime(passedOver, answered, evidence);
    }

    private List<RuntimeProvider> candidates(RuntimeChoice choice) {
        if (choice == RuntimeChoice.AUTO) {
            return runtimes.providers();
        }
        String name = choice.name().toLowerCase(Locale.ROOT);
        List<RuntimeProvider> chosen = runtimes.providers().stream()
                .filter(provider -> provider.name().equals(name))
                .toList();
        if (chosen.isEmpty()) {
            passedOver.add(
                    name + " (CONTAINER_RUNTIME): this version of waitdaemon does not have it; use docker or auto");
        }
        return chosen;
    }

    private Optional<ContainerRuntime> open(Door door, Duration limit) {
        if (!limit.isPositive()) {
            passOver(door, "not tried, the time for looking is up");
            return Optional.empty();
        }
        try {
            return Optional.of(TimeLimit.call(limit, door.opener()::open));
        } catch (TimeoutException e) {
            passOver(door, "no answer within " + Durations.shown(limit));
        } catch (EngineException e) {
            passOver(door, e.getMessage());
        }
        return Optional.empty();
    }

    private Optional<Selected> recognise(String name, Door door, ContainerRuntime runtime, Duration limit) {
        SelfSearch search = new SelfSearch(evidence);
        try {
            Optional<SelfSearch.Found> found =
                    TimeLimit.call(limit, () -> search.search(runtime::lookUp, runtime::running));
            answered = true;
            if (found.isPresent()) {
                ContainerFacts action = found.get().container();
                LOG.infof(
                        "Using %s, which runs this container, %s, known by %s.",
                        door.description(), action, found.get().confirmation());
                return Optional.of(new Selected(name, runtime, action));
            }
            passOver(door, "answers but does not run this container (" + String.join(", ", search.tried()) + ")");
        } catch (TimeoutException e) {
            passOver(door, "answers a ping, but which of its containers this is not within " + Durations.shown(limit));
        } catch (EngineException e) {
            passOver(door, e.getMessage());
        }
        runtime.close();
        return Optional.empty();
    }

    private void passOver(Door door, String reason) {
        passedOver.add(door.description() + ": " + reason);
        LOG.infof("Passed over %s: %s.", door.description(), reason);
    }
}
