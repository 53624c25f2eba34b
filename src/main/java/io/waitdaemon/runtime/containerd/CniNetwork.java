package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * A network of the Container Network Interface: a list of plugins, each with the configuration that it is given (CNI
 * specification 1.0, section 1).
 */
record CniNetwork(String name, List<JsonObject> plugins) {

    /** Where the runtimes of CNI look for configurations. */
    static final Path FOLDER = Path.of("/etc/cni/net.d");

    private static final Logger LOG = Logger.getLogger(CniNetwork.class);
    private static final String DEFAULT_VERSION = "0.2.0";

    CniNetwork {
        plugins = List.copyOf(plugins);
    }

    /** Reads all configurations of a folder and its folders, in the order of their names, in which the first is the default. */
    static List<CniNetwork> readAll(Path folder) {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(file -> file.toString().matches(".*\\.(conflist|conf|json)"))
                    .sorted()
                    .flatMap(file -> read(file).stream())
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            LOG.warnf("The network configurations in \"%s\" cannot be read: %s.", folder, e.getMessage());
            return List.of();
        }
    }

    /** @param configuration of a list of plugins, or of a single one as older files have it */
    static CniNetwork of(JsonObject configuration) {
        String name = Json.text(configuration, "name");
        String version = Json.text(configuration, "cniVersion");
        List<JsonObject> plugins =
                configuration.containsKey("plugins") ? Json.objects(configuration, "plugins") : List.of(configuration);
        return new CniNetwork(
                name,
                plugins.stream()
                        .map(plugin -> complete(plugin, name, version.isEmpty() ? DEFAULT_VERSION : version))
                        .toList());
    }

    private static Optional<CniNetwork> read(Path file) {
        try {
            return Optional.of(of(Json.object(Files.readString(file))));
        } catch (IOException | JsonException e) {
            LOG.warnf("The network configuration \"%s\" cannot be read and is passed over: %s.", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** What a plugin of a list is given: its own part with the list's name and version. */
    private static JsonObject complete(JsonObject plugin, String name, String version) {
        JsonObjectBuilder complete = Json.PROVIDER.createObjectBuilder(plugin);
        return complete.add("cniVersion", version).add("name", name).build();
    }

    /**
     * This network with ports of the machine led to the container.
     *
     * @param mappings {@code portMappings} of the CNI conventions, for the plugins that declare this capability
     */
    CniNetwork withPorts(jakarta.json.JsonArray mappings) {
        return new CniNetwork(
                name,
                plugins.stream()
                        .map(plugin -> Json.isTrue(Json.object(plugin, "capabilities"), "portMappings")
                                ? Json.PROVIDER
                                        .createObjectBuilder(plugin)
                                        .add(
                                                "runtimeConfig",
                                                Json.PROVIDER
                                                        .createObjectBuilder()
                                                        .add("portMappings", mappings))
                                        .build()
                                : plugin)
                        .toList());
    }
}
