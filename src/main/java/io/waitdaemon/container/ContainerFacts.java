package io.waitdaemon.container;

import java.util.List;
import java.util.Optional;

/**
 * What an engine says of a container that this process may be in.
 *
 * @param name as the engine shows it, without a leading slash
 * @param running whether its main process is alive
 * @param pid of its main process in the engine's pid namespace; 0 when not running
 * @param sharesEnginePids whether processes inside it see the engine's process ids ({@code pid: host})
 * @param upperDir the writable folder of its overlay root file system as the engine knows it; empty for other
 *     storage drivers
 * @param environment {@code NAME=value} entries of its configuration, image defaults included; not for logs
 */
public record ContainerFacts(
        ContainerId id,
        String name,
        boolean running,
        long pid,
        boolean sharesEnginePids,
        Optional<String> upperDir,
        List<String> environment) {

    public ContainerFacts {
        environment = List.copyOf(environment);
    }

    @Override
    public String toString() {
        return name + " (" + id.shortForm() + ")";
    }
}
