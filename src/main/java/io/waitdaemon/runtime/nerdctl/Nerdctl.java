package io.waitdaemon.runtime.nerdctl;

import io.smallrye.common.process.AbnormalExitException;
import io.smallrye.common.process.ProcessBuilder;
import io.smallrye.common.process.ProcessExecutionException;
import io.smallrye.common.process.WaitableProcessHandle;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

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

    private static final int LONGEST_OUTPUT = 64 << 20;
    private static final int LONGEST_LINE = 64 << 10;
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
        return run(call, process -> process.output()
                .charset(StandardCharsets.UTF_8)
                .toSingleString(LONGEST_OUTPUT)
                .run());
    }

    String run(String... arguments) {
        return run(NerdctlCall.of(arguments));
    }

    /** Hands over each line of standard output as soon as it is there. */
    void follow(NerdctlCall call, Consumer<String> lines) {
        run(call, process -> process.output()
                .charset(StandardCharsets.UTF_8)
                .consumeLinesWith(LONGEST_LINE, lines::accept)
                .run());
    }

    /** The command line, as it may be shown. */
    List<String> line(NerdctlCall call) {
        List<String> line = new ArrayList<>(place.command());
        line.addAll(globals);
        line.addAll(call.arguments());
        return line;
    }

    private <T> T run(NerdctlCall call, Function<ProcessBuilder<Void>, T> how) {
        List<String> line = line(call);
        Map<String, String> environment = new HashMap<>(call.environment());
        environment.putAll(ENVIRONMENT);
        AtomicBoolean late = new AtomicBoolean();
        ProcessBuilder<Void> process =
                ProcessBuilder.newBuilder(Path.of(line.getFirst()), line.subList(1, line.size()));
        process.environment(environment)
                .whileRunning(running -> late.set(endedByForce(running, call.limit())))
                .error()
                .charset(StandardCharsets.UTF_8)
                .logOnSuccess(false)
                .gatherOnFail(true)
                .captureTailLines(LAST_ERRORS)
                .maxCaptureLineLength(LONGEST_LINE);
        process.input().charset(StandardCharsets.UTF_8).fromString(call.input());
        try {
            return how.apply(process);
        } catch (AbnormalExitException e) {
            if (late.get()) {
                throw new EngineException(
                        Kind.UNAVAILABLE,
                        place.description() + " did not answer within "
                                + call.limit().toSeconds() + " s",
                        e);
            }
            throw NerdctlFailure.of(place, e.exitCode(), e.errorOutput());
        } catch (ProcessExecutionException e) {
            throw new EngineException(Kind.REFUSED, place.description() + " could not be run: " + e.getMessage(), e);
        }
    }

    /** nsenter's child is one of the host's processes and would outlive nsenter. */
    private static boolean endedByForce(WaitableProcessHandle process, Duration limit) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return true;
    }
}
