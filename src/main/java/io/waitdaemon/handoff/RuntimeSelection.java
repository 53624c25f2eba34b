package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.runtime.ContainerEngine;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Which engine runs this very container? The ways in are tried in order; one that answers but does not know this
 * container is passed over like one that does not answer. One that was too slow gets a second chance when no other leads
 * in, with what is left of the time: on a busy machine the first call alone may take longer than its limit.
 */
final class RuntimeSelection {

    private static final Logger LOG = Logger.getLogger(RuntimeSelection.class);
    private static final Duration LIMIT_OF_ONE = Duration.ofSeconds(5);
    private static final Duration LIMIT_OF_ALL = Duration.ofMillis(9500);

    private final Runtimes runtimes;
    private final Evidence evidence;
    private final List<String> passedOver = new ArrayList<>();
    private final List<Way> slow = new ArrayList<>();
    private final long begin = System.nanoTime();
    private boolean answered;

    RuntimeSelection(Runtimes runtimes, Evidence evidence) {
        this.runtimes = runtimes;
        this.evidence = evidence;
    }

    /** @param name of the runtime, as the waiter shall be told */
    record Selected(String name, ContainerRuntime runtime, ContainerFacts action) {}

    private record Way(RuntimeProvider provider, Door door) {}

    /** What an engine that answers says of this process. */
    private sealed interface Answer {

        record Ours(Selected selected, String confirmation) implements Answer {}

        record NotOurs(List<String> tried) implements Answer {}
    }

    /** @throws NoRuntime when none of the ways led to an engine that knows this container */
    Selected select(Settings settings) {
        Stream<Way> ways = candidates(settings.runtime()).stream()
                .flatMap(provider -> provider.doors(settings.endpoints()).map(door -> new Way(provider, door)));
        return first(ways)
                .or(() -> first(List.copyOf(slow).stream()))
                .orElseThrow(() -> new NoRuntime(passedOver, answered, evidence));
    }

    private Optional<Selected> first(Stream<Way> ways) {
        return ways.flatMap(way -> enter(way).stream()).findFirst();
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
                    name
                            + " (CONTAINER_RUNTIME): this version of waitdaemon does not have it; use docker, containerd or auto");
        }
        return chosen;
    }

    private Optional<Selected> enter(Way way) {
        Duration left = LIMIT_OF_ALL.minusNanos(System.nanoTime() - begin);
        Duration limit = left.compareTo(LIMIT_OF_ONE) < 0 ? left : LIMIT_OF_ONE;
        if (!limit.isPositive()) {
            passOver(way, "not tried, the time for looking is up");
            return Optional.empty();
        }
        try {
            Answer answer = TimeLimit.call(limit, () -> ask(way));
            answered = true;
            switch (answer) {
                case Answer.Ours ours -> {
                    LogIds.action(ours.selected().action().id());
                    LOG.infof(
                            "Using %s, which runs this container, %s, known by %s.",
                            way.door().description(), ours.selected().action(), ours.confirmation());
                    return Optional.of(ours.selected());
                }
                case Answer.NotOurs notOurs ->
                    passOver(
                            way,
                            "answers but does not run this container (" + String.join(", ", notOurs.tried()) + ")");
            }
        } catch (TimeoutException e) {
            slow.add(way);
            passOver(way, "no answer within " + Durations.shown(limit));
        } catch (EngineException e) {
            passOver(way, e.getMessage());
        }
        return Optional.empty();
    }

    /** Runs on a thread that may be given up, so it touches nothing of this object that changes. */
    private Answer ask(Way way) {
        ContainerEngine engine = way.door().opener().open();
        SelfSearch search = new SelfSearch(evidence);
        Optional<SelfSearch.Found> found = Optional.empty();
        try {
            found = search.search(engine::lookUp, engine::running);
        } finally {
            if (found.isEmpty()) {
                engine.close();
            }
        }
        return found.<Answer>map(self -> new Answer.Ours(
                        new Selected(way.provider().name(), engine.runtimeFor(self.container()), self.container()),
                        self.confirmation()))
                .orElseGet(() -> new Answer.NotOurs(search.tried()));
    }

    private void passOver(Way way, String reason) {
        String description = way.door().description();
        passedOver.add(description + ": " + reason);
        LOG.infof("Passed over %s: %s.", description, reason);
    }
}
