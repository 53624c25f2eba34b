package io.waitdaemon.runtime;

import java.util.List;

/** The runtimes of this build in the order in which {@code auto} tries them. */
public record Runtimes(List<RuntimeProvider> providers) {

    public Runtimes {
        providers = List.copyOf(providers);
    }

    /** @throws IllegalArgumentException when this build has no such runtime */
    public RuntimeProvider named(String name) {
        return providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this build has no runtime \"" + name + "\""));
    }
}
