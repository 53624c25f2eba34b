package io.waitdaemon.it;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.PrivateDockerd;
import io.waitdaemon.engine.Result;
import io.waitdaemon.engine.TestImage;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Runs actions as tink-agent's Docker runtime does: a named container of the action's image with the action's command,
 * waited for. Not privileged, since this may be a machine that cannot; removing the container is left to the test.
 */
final class Agent {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PrivateDockerd engine;
    private final DockerCli docker;

    Agent(PrivateDockerd engine) {
        this(engine, engine.cli());
    }

    /** @param docker another way to the same engine */
    Agent(PrivateDockerd engine, DockerCli docker) {
        this.engine = engine;
        this.docker = docker;
        WaitdaemonImage.provide(docker);
        TestImage.target(docker);
    }

    DockerCli docker() {
        return docker;
    }

    PrivateDockerd engine() {
        return engine;
    }

    /** A container name as agents make them, used by no other action of this run. */
    static String newName(String action) {
        return "tinkerbell_" + action + "_" + NUMBER.incrementAndGet();
    }

    /** {@code docker run} options that mount the engine's socket where Docker clients expect it. */
    List<String> socket() {
        return List.of("--volume", engine.socket() + ":/var/run/docker.sock");
    }

    /** An action with the engine's socket and {@code IMAGE=target}. */
    Action run(List<String> options, String... command) {
        return run(newName("action"), options, command);
    }

    Action run(String name, List<String> options, String... command) {
        return begin(name, options, command).ended();
    }

    /** Runs an action and its target to their ends and removes all of it; what the target wrote on stdout. */
    String outputOfTarget(List<String> options, String... command) {
        try (Events events = Events.of(docker())) {
            Action action = run(options, command).succeeded();
            String target = action.target();
            events.awaitDie(target, SOON);
            events.awaitDie(action.waiter(), SOON);
            String output = docker().ok("logs", target).out();
            action.forceRemoveAll();
            return output;
        }
    }

    /** An action with nothing but these options. Returns when it has ended. */
    Action runBare(String name, List<String> options, String... command) {
        return beginBare(name, options, command).ended();
    }

    /** As {@link #run(String, List, String...)}, but returns as soon as the action has started. */
    Begun begin(String name, List<String> options, String... command) {
        List<String> all = new ArrayList<>(socket());
        all.addAll(List.of("--env", "IMAGE=target"));
        all.addAll(options);
        return beginBare(name, all, command);
    }

    private Begun beginBare(String name, List<String> options, String... command) {
        return begin(name, create(name, options, command));
    }

    /** A container that something else shall be done to before it starts: {@link #start} does. Returns its id. */
    String create(String name, List<String> options, String... command) {
        List<String> line = new ArrayList<>(List.of("create", "--name", name));
        line.addAll(options);
        line.add(WaitdaemonImage.NAME);
        line.addAll(List.of(command));
        return docker().ok(line.toArray(String[]::new)).line();
    }

    /** Runs a created action to its end. */
    Action start(String name, String id) {
        return begin(name, id).ended();
    }

    private Begun begin(String name, String id) {
        docker().ok("start", id);
        return new Begun(docker(), name, id);
    }

    /** An action that has started. */
    record Begun(DockerCli docker, String name, String id) {

        /** The same action when it has ended, however it did. Its log is empty where its driver cannot be read. */
        Action ended() {
            int exit = Integer.parseInt(docker.ok("wait", id).line());
            Result log = docker.run("logs", id);
            return new Action(docker, name, id, exit, log.exit() == 0 ? log.out() + log.err() : "");
        }

        /** Whether an event is one of the container that plays this role in the handoff of this action. */
        Predicate<Events.Event> event(String role, String action) {
            return event -> event.action().equals(action)
                    && id.equals(event.attributes().get("io.waitdaemon.action-id"))
                    && role.equals(event.attributes().get("io.waitdaemon.role"));
        }
    }

    /**
     * An action that has ended.
     *
     * @param log all that it wrote
     */
    record Action(DockerCli docker, String name, String id, int exit, String log) {

        /** Fails with the action's log unless it reported success. */
        Action succeeded() {
            if (exit != 0) {
                throw new AssertionError("The action ended with " + exit + ":\n" + log);
            }
            return this;
        }

        /** The id of the target that this action made. */
        String target() {
            return only("target");
        }

        /** The id of the waiter that this action made. */
        String waiter() {
            return only("waiter");
        }

        /** The ids of the containers that this action made and that are still there, in any state. */
        List<String> made(String role) {
            return docker.ok(
                            "ps",
                            "--all",
                            "--quiet",
                            "--no-trunc",
                            "--filter",
                            "label=io.waitdaemon.action-id=" + id,
                            "--filter",
                            "label=io.waitdaemon.role=" + role)
                    .out()
                    .lines()
                    .toList();
        }

        JsonObject inspect() {
            return docker.inspect(id);
        }

        /** What the waiter has written so far. */
        String waiterLog() {
            Result log = docker.ok("logs", waiter());
            return log.out() + log.err();
        }

        /** What this action made, and itself, in whatever state. */
        void forceRemoveAll() {
            List<String> line = new ArrayList<>(List.of("rm", "--force", "--volumes"));
            line.addAll(docker.ok("ps", "--all", "--quiet", "--filter", "label=io.waitdaemon.action-id=" + id)
                    .out()
                    .lines()
                    .toList());
            line.add(id);
            docker.ok(line.toArray(String[]::new));
        }

        /** As an agent does after every action. */
        void forceRemove() {
            docker.ok("rm", "--force", "--volumes", id);
        }

        private String only(String role) {
            List<String> ids = made(role);
            if (ids.size() != 1) {
                throw new AssertionError(
                        "Expected one " + role + " of " + name + " but there are " + ids + ":\n" + log);
            }
            return ids.getFirst();
        }
    }
}
