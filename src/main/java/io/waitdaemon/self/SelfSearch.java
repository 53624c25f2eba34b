package io.waitdaemon.self;

import io.waitdaemon.container.ContainerFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Which of an engine's containers is this process in? Every candidate is looked up at the engine and believed only when
 * something that no other container can share confirms it and nothing contradicts it. The hostname alone never does:
 * with host networking it is the host's.
 */
public final class SelfSearch {

    private final Evidence evidence;
    private final List<String> tried = new ArrayList<>();

    public SelfSearch(Evidence evidence) {
        this.evidence = evidence;
    }

    /**
     * The container that this is, and how it was recognised.
     *
     * @param confirmation for the log: {@code its cgroup path}
     */
    public record Found(ContainerFacts container, String confirmation) {}

    /**
     * Searches one engine.
     *
     * @param lookUp the engine's answer for an id or a name
     * @param running all its running containers; asked for only when no candidate fits
     */
    public Optional<Found> search(
            Function<String, Optional<ContainerFacts>> lookUp, Supplier<List<ContainerFacts>> running) {
        for (Map.Entry<String, String> candidate : candidates().entrySet()) {
            Optional<ContainerFacts> container = lookUp.apply(candidate.getKey());
            if (container.isEmpty()) {
                tried.add(candidate.getValue() + " " + candidate.getKey() + ": the engine does not know it");
                continue;
            }
            Optional<Found> found = judge(container.get(), candidate.getValue());
            if (found.isPresent()) {
                return found;
            }
        }
        return running.get().stream()
                .flatMap(container -> judge(container, "running container").stream())
                .findFirst();
    }

    /** What was tried and found so far, a phrase each. */
    public List<String> tried() {
        return List.copyOf(tried);
    }

    private Map<String, String> candidates() {
        Map<String, String> candidates = new LinkedHashMap<>();
        evidence.cgroupIds().forEach(id -> candidates.putIfAbsent(id, "cgroup path"));
        evidence.mountIds().forEach(id -> candidates.putIfAbsent(id, "mounts"));
        if (!evidence.hostname().isEmpty()) {
            candidates.putIfAbsent(evidence.hostname(), "hostname");
        }
        return candidates;
    }

    private Optional<Found> judge(ContainerFacts container, String origin) {
        Optional<String> contradiction = contradiction(container);
        if (contradiction.isPresent()) {
            tried.add(origin + " " + container + ": " + contradiction.get());
            return Optional.empty();
        }
        Optional<String> confirmation = confirmation(container);
        if (confirmation.isEmpty()) {
            tried.add(origin + " " + container + ": nothing confirms it");
        }
        return confirmation.map(reason -> new Found(container, reason));
    }

    private Optional<String> contradiction(ContainerFacts container) {
        if (!container.running()) {
            return Optional.of("it does not run");
        }
        if (container.sharesEnginePids() && !evidence.pids().contains(container.pid())) {
            return Optional.of("its process " + container.pid() + " is neither this one nor an ancestor");
        }
        if (upperDirs(container).filter(equal -> !equal).isPresent()) {
            return Optional.of("its root file system is another one");
        }
        return Optional.empty();
    }

    private Optional<String> confirmation(ContainerFacts container) {
        String id = container.id().value();
        if (evidence.cgroupIds().contains(id)) {
            return Optional.of("its cgroup path");
        }
        if (container.sharesEnginePids()) {
            return Optional.of("its process id");
        }
        if (upperDirs(container).isPresent()) {
            return Optional.of("its root mount");
        }
        if (evidence.mountIds().contains(id) && environmentFits(container)) {
            return Optional.of("its mounts");
        }
        return Optional.empty();
    }

    /** Whether both know the upper folder and agree on it. An engine with many layers mounts it by a relative path. */
    private Optional<Boolean> upperDirs(ContainerFacts container) {
        return container.upperDir().flatMap(engines -> evidence.rootUpperDir().map(engines::endsWith));
    }

    /**
     * Whether this process has the container's environment. With {@code container:} networking the mounts lead to the
     * other container, which has another one. The entrypoint of the image takes variables away and sets LC_CTYPE.
     */
    private boolean environmentFits(ContainerFacts container) {
        Set<String> own = evidence.environment();
        Set<String> names = own.stream().map(SelfSearch::name).collect(Collectors.toSet());
        return container.environment().stream()
                .filter(entry -> names.contains(name(entry)) && !name(entry).equals("LC_CTYPE"))
                .allMatch(own::contains);
    }

    private static String name(String entry) {
        return entry.split("=", 2)[0];
    }
}
