package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;

/** What a container of containerd wrote, where waitdaemon has it put: in nerdctl's format or as it is. */
public final class ContainerOutput {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private ContainerOutput() {}

    /** @param folder as containerd knows it */
    public static String read(PrivateContainerd containerd, String folder) {
        try {
            StringBuilder text = new StringBuilder();
            for (Path file : Leftovers.list(containerd.file(folder))) {
                String name = file.getFileName().toString();
                if (name.endsWith("-json.log")) {
                    text.append(Files.readAllLines(file).stream()
                            .map(ContainerOutput::text)
                            .collect(Collectors.joining()));
                } else if (name.equals("output")) {
                    text.append(Files.readString(file));
                }
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the output in " + folder, e);
        }
    }

    /**
     * Returns when all that an ended container wrote has been read by whoever the shim started for its output: nerdctl has
     * ended then, and cat waits for more, which it does only when its pipe is empty.
     */
    public static void awaitAllOf(String container) {
        Await.until(
                LIMIT,
                () -> Leftovers.list(Path.of("/proc")).stream()
                        .filter(process ->
                                Leftovers.read(process.resolve("environ")).contains("CONTAINER_ID=" + container + "\0"))
                        .allMatch(ContainerOutput::waits),
                () -> "The output of " + container + " is still being read");
    }

    /** Removes nerdctl's folder of a container, if there is one. */
    public static void remove(PrivateContainerd containerd, String container) {
        for (Path store : Leftovers.list(containerd.file("/var/lib/nerdctl"))) {
            Path folder = store.resolve("containers")
                    .resolve(PrivateContainerd.NAMESPACE)
                    .resolve(container);
            Command.run("rm", "-rf", "--", folder.toString()).ok();
        }
    }

    private static boolean waits(Path process) {
        String stat = Leftovers.read(process.resolve("stat"));
        boolean sleeps = stat.isEmpty() || stat.charAt(stat.lastIndexOf(')') + 2) == 'S';
        return sleeps && !Leftovers.program(process).equals("nerdctl");
    }

    private static String text(String line) {
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return reader.readObject().getString("log");
        }
    }
}
