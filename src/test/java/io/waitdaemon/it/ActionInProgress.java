package io.waitdaemon.it;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Result;
import io.waitdaemon.it.Agent.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * An action step by step, for what happens around it: before it is started, or while it runs.
 *
 * @param id of the action container
 */
record ActionInProgress(DockerCli docker, String name, String id) {

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Creates the action container, with nothing but these options, and does not start it. */
    static ActionInProgress create(Agent agent, String name, List<String> options, String... command) {
        List<String> line = new ArrayList<>(List.of("create", "--name", name));
        line.addAll(options);
        line.add(WaitdaemonImage.NAME);
        line.addAll(List.of(command));
        DockerCli docker = agent.docker();
        return new ActionInProgress(
                docker, name, docker.ok(line.toArray(String[]::new)).line());
    }

    ActionInProgress start() {
        docker.ok("start", id);
        return this;
    }

    /** Returns when the action has written this. */
    ActionInProgress awaitLog(String words, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        String log = log();
        while (!log.contains(words)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Not in the log within " + limit + ": '" + words + "'\n" + log);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            log = log();
        }
        return this;
    }

    /** Waits for the end of the action. Its log is empty where the logging driver keeps none. */
    Action end() {
        int exit = Integer.parseInt(docker.ok("wait", id).line());
        return new Action(docker, name, id, exit, log());
    }

    private String log() {
        Result log = docker.run("logs", id);
        return log.exit() == 0 ? log.out() + log.err() : "";
    }
}
