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
 * container is passed over like one that does not answer. One that is slow has the next one tried beside it, so that two
 * sockets which accept and never answer do not use up the time of all others. One that was too slow gets a second chance
 * when no other leads in, with what is left of the time: on a busy machine the first call alone may take longer than its
 * limit.
 */
final class RuntimeSelection {

    private static final Logger LOG = Logger.getLogger(RuntimeSelection.class);
    private static final Duration LIMIT_OF_ONE = Duration.ofSeconds(5);
    private static final Duration HEAD_START = Duration.ofMillis(2500);
    private static final Duration LIMIT_OF_ALL = Duration.ofSeconds(9);

    private final Runtimes runtimes;
    private final Evidence evidence;
    private final List<String> passedOver = new ArrayList<>();
    private final List<Probe> pending = new ArrayList<>();
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

    /** A way that is being tried. */
    private record Probe(Way way, TimeLimit.Begun<Answer> asked) {}

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
        return ways.flatMap(way -> enter(way).stream()).findFirst().or(this::amongThePending);
    }

    private Optional<Selected> amongThePending() {
        List<Probe> probes = List.copyOf(pending);
        pending.clear();
        return probes.stream().flatMap(probe -> settle(probe).stream()).findFirst();
    }

    /** nerdctl reaches the engine that containerd's own API reaches, and by other ways. */
    private List<RuntimeProvider> candidates(RuntimeChoice choice) {
        return switch (choice) {
            case AUTO -> runtimes.providers();
            case CONTAINERD -> named(RuntimeChoice.CONTAINERD, RuntimeChoice.NERDCTL);
            case DOCKER, NERDCTL -> named(choice);
        };
    }

    private List<RuntimeProvider> named(RuntimeChoice... choices) {
        List<String> names = Stream.of(choices)
                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                .toList();
        return runtimes.providers().stream()
                .filter(provider -> names.contains(provider.name()))
                .toList();
    }

    private Optional<Selected> enter(Way way) {
        Duration left = left();
        if (!left.isPositive()) {
            passOver(way, "not tried, the time for looking is up");
            return Optional.empty();
        }
        Probe probe = new Probe(way, TimeLimit.begin(() -> ask(way)));
        try {
            return outcome(probe, shorter(left, HEAD_START));
        } catch (TimeoutException e) {
            pending.add(probe);
            return Optional.empty();
        }
    }

    /** Waits for a probe until its time is up. */
    private Optional<Selected> settle(Probe probe) {
        Duration rest = shorter(left(), LIMIT_OF_ONE.minus(probe.asked().age()));
        try {
            return outcome(probe, rest.isPositive() ? rest : Duration.ZERO);
        } catch (TimeoutException e) {
            Duration waited = shorter(LIMIT_OF_ONE, probe.asked().age());
            probe.asked().giveUp();
            slow.add(probe.way());
            passOver(probe.way(), "no answer within " + Durations.shown(waited));
            return Optional.empty();
        }
    }

    private Optional<Selected> outcome(Probe probe, Duration time) throws TimeoutException {
        Way way = probe.way();
        try {
            Answer answer = probe.asked().await(time);
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
        } catch (EngineException e) {
            passOver(way, e.getMessage());
        }
        return Optional.empty();
    }

    private Duration left() {
        return LIMIT_OF_ALL.minusNanos(System.nanoTime() - begin);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
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
