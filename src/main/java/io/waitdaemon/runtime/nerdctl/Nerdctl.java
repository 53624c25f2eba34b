package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/**
 * nerdctl, run in a process of its own for each question. Every method throws {@link EngineException} when nerdctl ends
 * with a failure, with what it said, and none blocks for longer than the limit of its call.
 *
 * @param globals nerdctl's global options, such as {@code --namespace=tinkerbell}
 */
record Nerdctl(Place place, List<String> globals) {

    /** The action's environment is the target's: none of it may steer nerdctl, nsenter, Go or the loader. */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root");

    private static final int LAST_ERRORS = 20;

    Nerdctl {
        globals = List.copyOf(globals);
    }

    /** The same nerdctl with one more global option. */
    Nerdctl with(String option) {
        List<String> more = new ArrayList<>(globals);
        more.add(option);
        return new Nerdctl(place, more);
    }

    /** What it wrote to standard output. */
    String run(NerdctlCall call) {
        StringBuilder output = new StringBuilder();
        run(call, line -> output.append(line).append('\n'), line -> {});
        return output.toString();
    }

    String run(String... arguments) {
        return run(NerdctlCall.of(arguments));
    }

    /**
     * The object in nerdctl's native view; empty when there is none.
     *
     * @param kind {@code container} or {@code image}
     * @param name or the beginning of an id
     */
    Optional<JsonObject> inspect(String kind, String name) {
        try {
            String text = run(kind, "inspect", "--mode=native", name);
            // of an image that is not there nerdctl prints nothing, and ends with 0
            if (kind.equals("image") && text.isBlank()) {
                return Optional.empty();
            }
            return Json.objects(Json.object("{\"all\":" + text + "}"), "all").stream()
                    .findFirst();
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (JsonException e) {
            throw new EngineException(
                    Kind.REFUSED, "nerdctl's inspection of the " + kind + " " + name + " is no JSON", e);
        }
    }

    /** Hands over each line of both streams as soon as it is there, less those of nerdctl's own log. */
    void follow(NerdctlCall call, Consumer<String> lines) {
        Lines guarded = new Lines(lines);
        run(call, guarded::take, guarded::take);
    }

    /** One line at a time, whichever stream it comes from. */
    private record Lines(Consumer<String> reader) {
        synchronized void take(String line) {
            if (!NerdctlFailure.isLogged(line)) {
                reader.accept(line);
            }
        }
    }

    /** The command line, as it may be shown. */
    List<String> line(NerdctlCall call) {
        List<String> line = new ArrayList<>(place.command());
        line.addAll(globals);
        line.addAll(call.arguments());
        return line;
    }

    private void run(NerdctlCall call, Consumer<String> out, Consumer<String> err) {
        Map<String, String> environment = new HashMap<>(call.environment());
        environment.putAll(ENVIRONMENT);
        if (place == Place.BUNDLED) {
            environment.put("TMPDIR", HandedFiles.folder().toString());
        }
        Deque<String> errors = new ConcurrentLinkedDeque<>();
        int exitCode;
        try {
            exitCode = new Child(line(call), environment, call.input(), call.limit()).run(out, line -> {
                err.accept(line);
                errors.add(line);
                if (errors.size() > LAST_ERRORS) {
                    errors.remove();
                }
            });
        } catch (EngineException e) {
            throw new EngineException(e.kind(), place.description() + ": " + e.getMessage(), e);
        }
        if (exitCode != 0) {
            throw NerdctlFailure.of(place, exitCode, List.copyOf(errors));
        }
    }
}
