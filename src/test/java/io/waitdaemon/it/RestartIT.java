package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import io.waitdaemon.engine.Events;
import io.waitdaemon.engine.Events.Event;
import io.waitdaemon.engine.PrivateDockerd;
import io.waitdaemon.it.Agent.Action;
import io.waitdaemon.it.Agent.Begun;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * What {@link RestartContract} cannot ask for: an engine with {@code --live-restore}, whose containers outlive it while the
 * socket that the waiter has mounted does not. The targets write a line for each time that they run, so that no engine
 * has to be believed.
 */
@ResourceLock(Engine.LOCK)
class RestartIT {

    private static final String LIVE_RESTORE = "--live-restore";
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LATE_AT_MOST = Duration.ofMillis(1500);
    private static final String RUNS = "echo run >> /out/runs";
    private static final String RUNS_UNTIL_TOLD = RUNS + "; until [ -e /out/end ]; do sleep 0.05; done; exit 7";

    private static PrivateDockerd engine;
    private static Agent agent;
    private static DockerCli docker;

    private Path out;
    private Events events;

    @BeforeAll
    static void start_an_engine_that_its_containers_outlive() {
        Engine.require();
        engine = PrivateDockerd.create().start(LIVE_RESTORE);
        agent = new Agent(engine);
        docker = agent.docker();
    }

    @AfterAll
    static void end_the_engine() {
        engine.close();
    }

    @BeforeEach
    void watch() throws IOException {
        out = Files.createTempDirectory(engine.folder(), "out");
        events = Events.of(docker);
    }

    @AfterEach
    void stop_watching() {
        events.close();
    }

    @Test
    void engine_that_is_restarted_before_the_deadline_keeps_it() throws Exception {
        Action action = handedOff(7, RUNS);
        Due due = due(action);

        engine.stop();
        engine.start(LIVE_RESTORE);

        assertStartedOnceAt(due, action);
    }

    @Test
    void engine_that_is_away_at_the_deadline_starts_the_target_when_it_is_back() throws Exception {
        Action action = handedOff(3, RUNS);
        Due due = due(action);

        engine.kill();
        due.pass();
        engine.start(LIVE_RESTORE);
        Instant back = Instant.now();

        Event started = assertStartedOnce(action);
        assertThat(Duration.between(back, started.time())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void engine_that_is_stopped_over_the_deadline_starts_the_target_when_it_is_back() throws Exception {
        Action action = handedOff(3, RUNS);
        Due due = due(action);

        engine.stop();
        due.pass();
        engine.start(LIVE_RESTORE);
        Instant back = Instant.now();

        Event started = assertStartedOnce(action);
        assertThat(Duration.between(back, started.time())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    @InterruptsAction
    void engine_that_is_restarted_while_the_action_runs_waits_for_its_end() throws Exception {
        Begun begun = begin(2, RUNS);
        String waiter = events.await(begun.event("waiter", "start"), SOON).id();
        docker.ok("pause", begun.id());
        events.await(noted(waiter, "-ready"), SOON);
        // the engine tells the action of it at about the same time; one answer later it has
        docker.ok("version");

        engine.kill();
        engine.start(LIVE_RESTORE);
        nth(2, of(waiter, "start"));
        docker.ok("unpause", begun.id());

        Action action = begun.ended().succeeded();
        action.forceRemove();
        assertStartedOnceAt(due(action), action);
    }

    @Test
    void engine_that_is_restarted_while_the_target_runs_does_not_start_it_again() throws Exception {
        Action action = handedOff(0, RUNS_UNTIL_TOLD);
        events.awaitStart(action.target(), SOON);

        engine.kill();
        engine.start(LIVE_RESTORE);
        nth(2, of(action.waiter(), "start"));
        Files.createFile(out.resolve("end"));

        events.await(of(action.waiter(), "die").and(exit("3")), SOON);
        assertThat(runs()).isEqualTo(1);
    }

    /** An action that has ended well and that its agent has removed; its target runs this shell script. */
    private Action handedOff(int wait, String script) {
        Action action = begin(wait, script).ended().succeeded();
        action.forceRemove();
        return action;
    }

    private Begun begin(int wait, String script) {
        List<String> options = List.of("--env", "WAIT_SECONDS=" + wait, "--volume", out + ":/out");
        return agent.begin(Agent.newName("restart"), options, "sh", "-c", script);
    }

    private void assertStartedOnceAt(Due due, Action action) throws IOException {
        Event started = assertStartedOnce(action);
        assertThat(Duration.between(due.moment(), started.time())).isBetween(Duration.ofMillis(-50), LATE_AT_MOST);
    }

    /** The waiter's end is waited for as well: up to it, the target might be started once more. */
    private Event assertStartedOnce(Action action) throws IOException {
        Event started = events.awaitStart(action.target(), SOON);
        events.await(of(action.waiter(), "die").and(exit("0")), SOON);
        assertThat(events.count(action.target(), "start")).isEqualTo(1);
        assertThat(runs()).isEqualTo(1);
        return started;
    }

    private long runs() throws IOException {
        Path runs = out.resolve("runs");
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    private static Predicate<Event> of(String container, String action) {
        return event -> event.action().equals(action) && event.isOf(container);
    }

    private static Predicate<Event> exit(String code) {
        return event -> event.attribute("exitCode").filter(code::equals).isPresent();
    }

    /** The waiter's note shows as the end of its name. */
    private static Predicate<Event> noted(String waiter, String note) {
        return of(waiter, "rename")
                .and(event -> event.attribute("name").orElse("").contains(note));
    }

    private Event nth(int number, Predicate<Event> which) {
        List<Event> earlier = new ArrayList<>();
        while (true) {
            Event event = events.await(which.and(candidate -> !earlier.contains(candidate)), SOON);
            earlier.add(event);
            if (earlier.size() == number) {
                return event;
            }
        }
    }

    private Due due(Action action) throws IOException {
        String waiter = action.waiter();
        events.await(noted(waiter, "-due-"), SOON);
        String name = docker.inspect(waiter).getString("Name");
        return new Due(Duration.ofMillis(Long.parseLong(name.substring(name.lastIndexOf('-') + 1))));
    }

    /** The deadline as the waiter has noted it. */
    private record Due(Duration uptime) {

        Instant moment() throws IOException {
            return Instant.now().plus(uptime.minus(now()));
        }

        /** The one thing here that no event tells of: an engine that is away sends none. */
        void pass() throws IOException, InterruptedException {
            Duration left = uptime.minus(now());
            if (left.isPositive()) {
                Thread.sleep(left.plusMillis(200));
            }
        }

        private static Duration now() throws IOException {
            String seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
            return Duration.ofMillis(new BigDecimal(seconds).movePointRight(3).longValueExact());
        }
    }
}
