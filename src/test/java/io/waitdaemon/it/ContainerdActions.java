package io.waitdaemon.it;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ContainerOutput;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.Result;
import io.waitdaemon.runtime.containerd.ContainerdAccess;
import io.waitdaemon.runtime.containerd.ContainerdAccess.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The contract's view of containerd, and of tink-agent's containerd runtime, which removes an action that succeeded at
 * once, and leaves one that failed.
 */
final class ContainerdActions implements ActionEngine {

    private static final String RESTART = "containerd.io/restart.";
    private static final String STOPPED_BY_USER = RESTART + "explicitly-stopped";
    private static final int FEWER = 16;
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final PrivateContainerd containerd;
    private final ContainerdRoute route;
    private final ContainerdHistory history;
    private final Map<String, AgentRun> agents = new ConcurrentHashMap<>();
    private ContainerdAccess access;
    private volatile boolean clientDied;

    private ContainerdActions(PrivateContainerd containerd, ContainerdRoute route) {
        this.containerd = containerd;
        this.route = route;
        this.access = new ContainerdAccess(containerd.socket());
        this.history = new ContainerdHistory(containerd);
        history.listen(access);
        containerd.add(route.image());
        containerd.add(ImageArchive.target());
        containerd.add(ImageArchive.configured());
    }

    static ContainerdActions onAnEngineOfItsOwn(ContainerdVersion version) {
        Containerds.require();
        return new ContainerdActions(PrivateContainerd.create(version).start(), ContainerdRoute.API);
    }

    static ContainerdActions withBundledNerdctl(ContainerdVersion version) {
        Containerds.require();
        return new ContainerdActions(PrivateContainerd.create(version).start(), ContainerdRoute.BUNDLED_NERDCTL);
    }

    static ContainerdActions withNerdctlOfTheHost(ContainerdVersion version) {
        Containerds.require();
        return new ContainerdActions(PrivateContainerd.machine(version).start(), ContainerdRoute.HOST_NERDCTL);
    }

    @Override
    public String begin(ActionRequest request) {
        // the same for every try of an action, as with Tinkerbell: the container's name is made of both
        List<String> options = new ArrayList<>(List.of("--name", request.name(), "--id", "contract"));
        options.addAll(route.options(containerd, request.socket()));
        request.environment().forEach((name, value) -> options.addAll(List.of("--env", name + "=" + value)));
        for (ActionRequest.Bind bind : request.binds()) {
            String mode = bind.readOnly() ? ":ro" : "";
            options.addAll(List.of("--volume", bind.source() + ":" + bind.target() + mode));
        }
        if (request.hostPid()) {
            options.addAll(List.of("--pid", "host"));
        }
        switch (request.network()) {
            case DEFAULT -> {}
            case HOST -> options.addAll(List.of("--network", "host"));
            case NONE -> options.add("--no-cni");
        }
        AgentRun agent = AgentRun.begin(
                containerd, route.image(), options, request.command().toArray(String[]::new));
        String id = agent.id();
        agents.put(id, agent);
        agent.pid();
        return id;
    }

    @Override
    public void agentRemoves(String action) {
        Objects.requireNonNull(agents.get(action), action).exit();
    }

    /** Those of the binding that matter are the agents and the process that events come by. */
    @Override
    public void killClients() {
        agents.values().forEach(AgentRun::kill);
        history.listen(access);
    }

    @Override
    public List<String> made(String action, Role role) {
        return access.containers(
                "labels.\"io.waitdaemon.action-id\"==" + action, "labels.\"io.waitdaemon.role\"==" + role.word());
    }

    @Override
    public List<String> everMade(String action, Role role) {
        return history.made(action, role);
    }

    @Override
    public String awaitMade(String action, Role role, Duration limit) {
        return history.await(() -> history.made(action, role), 1, limit, role.word() + " of " + action);
    }

    @Override
    public State state(String container) {
        if (access.labels(container).isEmpty()) {
            return new State.Gone();
        }
        Optional<Task> task = access.task(container);
        List<End> ends = history.ends(container);
        if (task.isPresent()) {
            return switch (task.get().status()) {
                case "CREATED" -> new State.Created();
                case "STOPPED" -> new State.Ended(task.get().exit());
                default -> new State.Running();
            };
        }
        return ends.isEmpty()
                ? new State.Created()
                : new State.Ended(ends.getLast().exit());
    }

    @Override
    public Instant awaitStart(String container, int number, Duration limit) {
        return history.await(() -> history.starts(container), number, limit, "start of " + container);
    }

    @Override
    public End awaitEnd(String container, int number, Duration limit) {
        End end = history.await(() -> history.ends(container), number, limit, "end of " + container);
        AgentRun agent = agents.get(container);
        if (agent == null) {
            ContainerOutput.awaitAllOf(container);
        } else {
            // it has read all when it has ended
            agent.exit();
        }
        return end;
    }

    @Override
    public int starts(String container) {
        return history.starts(container).size();
    }

    @Override
    public boolean wouldRestart(String container) {
        Map<String, String> labels = access.labels(container).orElse(Map.of());
        return labels.getOrDefault(RESTART + "status", "").equals("running")
                && !labels.getOrDefault(RESTART + "policy", "").equals("no")
                && !labels.getOrDefault(STOPPED_BY_USER, "").equals("true");
    }

    @Override
    public String log(String container) {
        AgentRun agent = agents.get(container);
        if (agent == null) {
            Map<String, String> labels = access.labels(container).orElseThrow();
            return ContainerOutput.read(
                    containerd,
                    labels.getOrDefault("io.waitdaemon.output", labels.getOrDefault("nerdctl/state-dir", "")));
        }
        return agent.output()
                .lines()
                .filter(line -> !line.startsWith("agent: "))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /**
     * With the label by which {@code nerdctl kill} and {@code stop} tell the restart monitor; that of 1.6 heeds none. What
     * the engine or nerdctl lose when the action dies in the midst of a call to them, and nobody can tell whose it was, is taken
     * away before the next stock is taken.
     */
    @Override
    public void signal(String container, String signal) {
        if (wouldRestart(container)) {
            access.label(container, STOPPED_BY_USER, "true");
        }
        containerd.ctr("tasks", "kill", "--signal", "SIG" + signal, container).ok();
        clientDied |= signal.equals("KILL");
    }

    @Override
    public void killProcess(String container) {
        Task task = access.task(container).orElseThrow();
        containerd.run("kill", "-KILL", Integer.toString(task.pid())).ok();
    }

    /** A nerdctl that is frozen while it notes that it has started the waiter would undo what the waiter notes meanwhile. */
    @Override
    public void pause(String container) {
        if (route != ContainerdRoute.API) {
            made(container, Role.WAITER)
                    .forEach(waiter -> ContainerdHandoffs.await(
                            SETTLED_WITHIN,
                            () -> access.labels(waiter).orElse(Map.of()).containsKey(RESTART + "status"),
                            () -> "the start of the waiter has not been noted"));
        }
        containerd.ctr("tasks", "pause", container).ok();
    }

    /** The restart monitor takes a paused container for one that does not run, and may have started it anew. */
    @Override
    public void resume(String container) {
        Result resumed = containerd.ctr("tasks", "resume", container);
        if (!wouldRestart(container)) {
            resumed.ok();
        }
    }

    @Override
    public void forceRemove(String container) {
        Optional<Task> task = access.task(container);
        if (task.isPresent() && task.get().status().equals("PAUSED")) {
            // dead before it can run on, and not dead before it runs on
            killProcess(container);
            resume(container);
        } else if (task.isPresent() && agents.containsKey(container)) {
            containerd.ctr("tasks", "kill", "--signal", "SIGKILL", container);
        }
        AgentRun agent = agents.get(container);
        if (agent != null) {
            // it deletes the task of an action that failed, and nothing else
            agent.exit();
        }
        if (agent == null && route != ContainerdRoute.API) {
            // not by rm alone: the restart monitor might start it anew, or what reads its output make its folder anew
            containerd.nerdctl("kill", container);
            ContainerOutput.awaitAllOf(container);
            containerd.nerdctl("rm", "--force", "--volumes", container);
        } else {
            access.remove(container);
            ContainerOutput.remove(containerd, container);
        }
    }

    @Override
    public void clear(String action) {
        // the waiter goes first: it may be about to start its target
        made(action, Role.WAITER).forEach(waiter -> {
            settles(() -> hasNoted(waiter));
            forceRemove(waiter);
        });
        made(action, Role.TARGET).forEach(this::forceRemove);
        forceRemove(action);
    }

    /** A nerdctl that is killed while it renames the waiter leaves the new name in its books, which rm knows nothing of. */
    private boolean hasNoted(String waiter) {
        return route == ContainerdRoute.API
                || !state(waiter).equals(new State.Running())
                || access.labels(waiter)
                        .orElse(Map.of())
                        .getOrDefault("nerdctl/name", "")
                        .contains("-due-");
    }

    @Override
    public Set<String> census() {
        // one shim a task, which ends a moment after its task is gone
        settles(() -> containerd.shims().size() <= access.tasks().size());
        if (clientDied) {
            clientDied = false;
            containerd.endOrphanedShims();
            if (route != ContainerdRoute.API) {
                containerd.forgetHalfMade();
            }
        }
        Set<String> names = containerd.inventory().names();
        names.addAll(containerd.nerdctlNotes());
        return names;
    }

    private static void settles(BooleanSupplier condition) {
        long end = System.nanoTime() + SETTLED_WITHIN.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    @Override
    public void stop() {
        containerd.stop();
    }

    @Override
    public void kill() {
        containerd.kill();
    }

    @Override
    public void start() {
        containerd.start();
        access.close();
        access = new ContainerdAccess(containerd.socket());
        history.listen(access);
    }

    @Override
    public boolean running() {
        return containerd.running();
    }

    @Override
    public void close() {
        history.close();
        access.close();
        containerd.close();
    }

    /** The restart monitor of the tests looks every second (10 s by default); then come shim and runc. */
    @Override
    public Duration restartDelay() {
        return Duration.ofSeconds(2);
    }

    /** runc refuses it, and of the clients nobody before runc looks; with nerdctl, waitdaemon does. */
    @Override
    public boolean createsMissingBindSources() {
        return false;
    }

    /** runc looks for it when it makes the container; that is done in the handoff by the API, and by nerdctl at the start. */
    @Override
    public boolean refusesUnknownCommandsAtCreation() {
        return route == ContainerdRoute.API;
    }

    @Override
    public String namespace(String kind) {
        return containerd.namespace(kind);
    }

    @Override
    public int many() {
        return FEWER;
    }
}
