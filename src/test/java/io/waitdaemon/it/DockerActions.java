package io.waitdaemon.it;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Events.Event;
import io.waitdaemon.engine.PrivateDockerd;
import io.waitdaemon.engine.Result;
import io.waitdaemon.engine.TestImage;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The contract's view of a Docker Engine, and of tink-agent's Docker runtime, which removes every container by force. */
final class DockerActions implements ActionEngine {

    private static final String NEVER_STARTED = "created";
    private static final Set<String> NO_RESTARTS = Set.of("", "no");

    private final PrivateDockerd dockerd;
    private final Agent agent;
    private final DockerCli docker;
    private final Events events;

    private DockerActions(PrivateDockerd dockerd) {
        this.dockerd = dockerd;
        this.agent = new Agent(dockerd);
        this.docker = dockerd.cli();
        this.events = Events.of(docker);
        TestImage.configured(docker);
    }

    static DockerActions onAnEngineOfItsOwn() {
        Engine.require();
        return new DockerActions(PrivateDockerd.create().start());
    }

    @Override
    public String begin(ActionRequest request) {
        List<String> options = new ArrayList<>();
        request.environment().forEach((name, value) -> options.addAll(List.of("--env", name + "=" + value)));
        for (ActionRequest.Bind bind : request.binds()) {
            String mode = bind.readOnly() ? ":ro" : "";
            options.addAll(List.of("--volume", bind.source() + ":" + bind.target() + mode));
        }
        if (request.socket()) {
            options.addAll(agent.socket());
        }
        if (request.hostPid()) {
            options.addAll(List.of("--pid", "host"));
        }
        if (request.network() != ActionRequest.Network.DEFAULT) {
            options.addAll(List.of("--network", request.network().name().toLowerCase(Locale.ROOT)));
        }
        return ActionInProgress.create(
                        agent, request.name(), options, request.command().toArray(String[]::new))
                .start()
                .id();
    }

    @Override
    public void agentRemoves(String action) {
        forceRemove(action);
    }

    @Override
    public void killClients() {
        ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/docker"))
                .filter(this::isClientOfOurs)
                .forEach(ProcessHandle::destroyForcibly);
    }

    /** Other classes have clients too, of engines of their own. */
    private boolean isClientOfOurs(ProcessHandle client) {
        try {
            return Files.readString(Path.of("/proc/" + client.pid() + "/environ"), StandardCharsets.ISO_8859_1)
                    .contains("DOCKER_HOST=" + docker.host() + "\0");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public List<String> made(String action, Role role) {
        return ids("--filter", "label=io.waitdaemon.action-id=" + action, "--filter", "label=" + label(role));
    }

    @Override
    public List<String> everMade(String action, Role role) {
        return events.upToNow().stream()
                .filter(creation(action, role))
                .map(Event::id)
                .toList();
    }

    @Override
    public String awaitMade(String action, Role role, Duration limit) {
        return events.await(creation(action, role), limit).id();
    }

    @Override
    public State state(String container) {
        if (!docker.knows(container)) {
            return new State.Gone();
        }
        JsonObject state = docker.inspect(container).getJsonObject("State");
        if (state.getBoolean("Running")) {
            return new State.Running();
        }
        return state.getString("Status").equals(NEVER_STARTED)
                ? new State.Created()
                : new State.Ended(state.getInt("ExitCode"));
    }

    @Override
    public Instant awaitStart(String container, int number, Duration limit) {
        return nth(container, "start", number, limit).time();
    }

    @Override
    public End awaitEnd(String container, int number, Duration limit) {
        Event die = nth(container, "die", number, limit);
        return new End(Integer.parseInt(die.attribute("exitCode").orElseThrow()), die.time());
    }

    @Override
    public int starts(String container) {
        return Math.toIntExact(events.count(container, "start"));
    }

    @Override
    public boolean wouldRestart(String container) {
        JsonObject policy =
                docker.inspect(container).getJsonObject("HostConfig").getJsonObject("RestartPolicy");
        return !NO_RESTARTS.contains(policy.getString("Name"));
    }

    @Override
    public String log(String container) {
        Result log = docker.ok("logs", container);
        return log.out() + log.err();
    }

    @Override
    public void signal(String container, String signal) {
        docker.ok("kill", "--signal", signal, container);
    }

    @Override
    public void killProcess(String container) {
        int pid = docker.inspect(container).getJsonObject("State").getInt("Pid");
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @Override
    public void pause(String container) {
        docker.ok("pause", container);
    }

    @Override
    public void resume(String container) {
        docker.ok("unpause", container);
    }

    @Override
    public void forceRemove(String container) {
        docker.ok("rm", "--force", "--volumes", container);
    }

    @Override
    public void clear(String action) {
        // the waiter goes first: it may be about to start its target
        made(action, Role.WAITER).forEach(this::forceRemove);
        made(action, Role.TARGET).forEach(this::forceRemove);
        if (docker.knows(action)) {
            forceRemove(action);
        }
    }

    @Override
    public Set<String> census() {
        Set<String> census = ids().stream().map(id -> "container " + id).collect(Collectors.toCollection(TreeSet::new));
        docker.ok("volume", "ls", "--quiet").out().lines().forEach(name -> census.add("volume " + name));
        return census;
    }

    @Override
    public void stop() {
        dockerd.stop();
    }

    @Override
    public void kill() {
        dockerd.kill();
    }

    @Override
    public void start() {
        dockerd.start();
    }

    @Override
    public boolean running() {
        return dockerd.running();
    }

    @Override
    public void close() {
        events.close();
        dockerd.close();
    }

    /** 100 ms, doubled each time (moby, restartmanager). */
    @Override
    public Duration restartDelay() {
        return Duration.ofMillis(100);
    }

    /** With {@code --volume}, which is how tink-agent's binds reach Docker; with {@code --mount} it refuses: RefusalIT. */
    @Override
    public boolean createsMissingBindSources() {
        return true;
    }

    /** runc looks for it, and Docker calls runc when it starts a container. */
    @Override
    public boolean refusesUnknownCommandsAtCreation() {
        return false;
    }

    private List<String> ids(String... filter) {
        List<String> line = new ArrayList<>(List.of("ps", "--all", "--quiet", "--no-trunc"));
        line.addAll(List.of(filter));
        return docker.ok(line.toArray(String[]::new)).out().lines().toList();
    }

    private Event nth(String container, String what, int number, Duration limit) {
        List<Event> earlier = new ArrayList<>();
        while (earlier.size() < number) {
            earlier.add(events.await(
                    event -> event.action().equals(what) && event.isOf(container) && !earlier.contains(event), limit));
        }
        return earlier.getLast();
    }

    private static Predicate<Event> creation(String action, Role role) {
        return event -> event.action().equals("create")
                && action.equals(event.attributes().get("io.waitdaemon.action-id"))
                && role.word().equals(event.attributes().get("io.waitdaemon.role"));
    }

    private static String label(Role role) {
        return "io.waitdaemon.role=" + role.word();
    }

    @Override
    public String namespace(String kind) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
