package io.waitdaemon.it;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.PrivateContainerd;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An action of waitdaemon in a containerd, run by the agent, with the containers that it made. */
record ContainerdHandoff(PrivateContainerd containerd, AgentRun action) {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /**
     * Returns while the action runs. The target is {@code target:latest}, which the containerd has to know; the action
     * has nothing but these options, so also no socket.
     */
    static ContainerdHandoff begin(PrivateContainerd containerd, List<String> options, String... command) {
        List<String> all = new ArrayList<>(List.of("--id", "handoff" + NUMBER.incrementAndGet()));
        if (options.stream().noneMatch(option -> option.startsWith("IMAGE="))) {
            all.addAll(List.of("--env", "IMAGE=target"));
        }
        all.addAll(options);
        return new ContainerdHandoff(containerd, AgentRun.begin(containerd, WaitdaemonImage.archive(), all, command));
    }

    /** As {@link #begin}, to the end of the action. */
    static ContainerdHandoff run(PrivateContainerd containerd, List<String> options, String... command) {
        ContainerdHandoff handoff = begin(containerd, options, command);
        handoff.action.exit();
        return handoff;
    }

    /** This handoff, or an {@link AssertionError} with all that the action said. */
    ContainerdHandoff succeeded() {
        if (action.exit() != 0) {
            throw new AssertionError("The action ended with " + action.exit() + ":\n" + action.output());
        }
        return this;
    }

    /** What waitdaemon wrote in the action, without what the agent has to say. */
    String log() {
        return action.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** The ids of the containers with this role, most often one. */
    List<String> made(String role) {
        return containerd
                .ctr(
                        "containers",
                        "ls",
                        "--quiet",
                        "labels.\"io.waitdaemon.action-id\"==" + action.id() + ",labels.\"io.waitdaemon.role\"=="
                                + role)
                .ok()
                .out()
                .lines()
                .toList();
    }

    String target() {
        return only("target");
    }

    String waiter() {
        return only("waiter");
    }

    /** What containerd has on record: {@code ID}, {@code Labels}, {@code Spec} … */
    JsonObject inspect(String container) {
        try (JsonReader reader = Json.createReader(new StringReader(
                containerd.ctr("containers", "info", container).ok().out()))) {
            return reader.readObject();
        }
    }

    /** The bind mounts of a container, {@code source:destination}. */
    List<String> binds(String container) {
        return inspect(container).getJsonObject("Spec").getJsonArray("mounts").getValuesAs(JsonObject.class).stream()
                .filter(mount -> mount.getString("type").equals("bind"))
                .map(mount -> mount.getString("source") + ":" + mount.getString("destination"))
                .toList();
    }

    /** {@code CREATED}, {@code RUNNING}, {@code STOPPED}, or empty when the container has no task. */
    String status(String container) {
        return task(container).skip(2).findFirst().orElse("");
    }

    /** The process id of the container's first process. */
    long pid(String container) {
        return Long.parseLong(task(container).skip(1).findFirst().orElseThrow());
    }

    /** Waits until the target has been started and has ended, and the waiter after it. */
    ContainerdHandoff awaitEnd() {
        String target = target();
        String waiter = waiter();
        await(() -> status(target).equals("STOPPED"), "the target ends");
        await(() -> status(waiter).equals("STOPPED"), "the waiter ends");
        return this;
    }

    void await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Not within " + SOON + ": " + what + "\n"
                        + containerd.ctr("tasks", "ls").out() + action.output() + "\n" + waiterLog() + "\n"
                        + containerd.log());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** When the action began, by its own account. */
    Instant started() {
        return Instant.parse(LogLine.of(log()).getFirst().json().getString("time"));
    }

    /** The folder of a container's output, on the engine's side. */
    String outputFolder(String container) {
        return inspect(container).getJsonObject("Labels").getString("io.waitdaemon.output");
    }

    /** What the container wrote, by whichever program it was kept. */
    String output(String container) {
        return containerd
                .run(
                        "sh",
                        "-c",
                        "cd \"$1\" && { if [ -e *-json.log ]; then nerdctl --namespace \"$2\" logs \"$3\" 2>&1;"
                                + " else cat output; fi; }",
                        "sh",
                        outputFolder(container),
                        PrivateContainerd.NAMESPACE,
                        container)
                .ok()
                .out();
    }

    /** What the waiter wrote, as far as there is one. */
    String waiterLog() {
        return made("waiter").stream().map(this::output).collect(Collectors.joining());
    }

    /** Takes away what is left of the handoff, as an operator does. */
    void remove() {
        Stream.of("waiter", "target").flatMap(role -> made(role).stream()).forEach(container -> containerd
                .nerdctl("rm", "--force", container)
                .ok());
        forgetAction();
    }

    /** Takes away the container of an action that failed, which the agent keeps, and its log. */
    void forgetAction() {
        containerd.ctr("containers", "rm", action.id());
        containerd.run(
                "sh", "-c", "rm -rf /var/lib/nerdctl/*/containers/" + PrivateContainerd.NAMESPACE + "/" + action.id());
    }

    private Stream<String> task(String container) {
        return containerd
                .ctr("tasks", "ls")
                .ok()
                .out()
                .lines()
                .filter(line -> line.startsWith(container))
                .flatMap(line -> Stream.of(line.split("\\s+")));
    }

    private String only(String role) {
        List<String> made = made(role);
        if (made.size() != 1) {
            throw new AssertionError(
                    "Expected one " + role + " and there are " + made.size() + ":\n" + action.output());
        }
        return made.getFirst();
    }
}
