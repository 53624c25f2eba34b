package io.waitdaemon.it;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Runs actions as tink-agent's containerd runtime does, and looks at what they make with nerdctl and ctr. */
final class ContainerdHandoffs {

    static final List<String> HOST_NETWORK = List.of("--network", "host");
    static final Duration SOON = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final String SOCKET = "/run/containerd/containerd.sock";

    private final PrivateContainerd containerd;

    ContainerdHandoffs(PrivateContainerd containerd) {
        this.containerd = containerd;
        containerd.add(WaitdaemonImage.archive());
        containerd.add(ImageArchive.target());
    }

    PrivateContainerd containerd() {
        return containerd;
    }

    /** An action on the host's network with the socket and {@code IMAGE=target}, run to its end. */
    Action run(List<String> options, String... command) {
        return begin(with(HOST_NETWORK, options), command).ended();
    }

    /** An action with the socket and {@code IMAGE=target} and nothing but these options. */
    Begun begin(List<String> options, String... command) {
        List<String> all = with(
                List.of("--volume", SOCKET + ":" + SOCKET, "--env", "IMAGE=target", "--env", "WAIT_SECONDS=0"),
                options);
        return new Begun(containerd, AgentRun.begin(containerd, WaitdaemonImage.archive(), all, command));
    }

    /** Waits for what sends no event. */
    static void await(Duration limit, BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Not within " + limit + ": " + otherwise.get());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    static List<String> with(List<String> some, List<String> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    /** An action whose container exists. */
    record Begun(PrivateContainerd containerd, AgentRun agent) {

        Begun awaitLog(String words) {
            await(SOON, () -> agent.output().contains(words), agent::output);
            return this;
        }

        /** The same action when agent and container have ended. */
        Action ended() {
            int exit = agent.exit();
            return new Action(containerd, agent.id(), agent.name(), exit, agent.output());
        }
    }

    /**
     * An action that has ended.
     *
     * @param log all that it wrote
     */
    record Action(PrivateContainerd containerd, String id, String name, int exit, String log) {

        Action succeeded() {
            if (exit != 0) {
                throw new AssertionError("The action ended with " + exit + ":\n" + log + "\n" + containerd.log());
            }
            return this;
        }

        String target() {
            return only("target");
        }

        String waiter() {
            return only("waiter");
        }

        /** The ids of the containers that this action made in this role and that are still there. */
        List<String> made(String role) {
            return containerd
                    .ctr(
                            "containers",
                            "ls",
                            "--quiet",
                            "labels.\"io.waitdaemon.action-id\"==" + id + ",labels.\"io.waitdaemon.role\"==" + role)
                    .ok()
                    .out()
                    .lines()
                    .toList();
        }

        /** The target's exit code, once it has ended and the waiter too. */
        int targetEnded() {
            int exit = awaitEnd(target());
            awaitEnd(waiter());
            return exit;
        }

        int awaitEnd(String container) {
            await(SOON, () -> status(container).startsWith("exited "), () -> status(container) + "\n" + logs(waiter()));
            return Integer.parseInt(status(container).split(" ")[1]);
        }

        void awaitRunning(String container) {
            await(
                    SOON,
                    () -> status(container).startsWith("running "),
                    () -> status(container) + "\n" + logs(waiter()));
        }

        /** As nerdctl sees it: {@code exited 3}. */
        String status(String container) {
            return containerd
                    .nerdctl("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", container)
                    .line();
        }

        String logs(String container) {
            Result logs = containerd.nerdctl("logs", container);
            return logs.out() + logs.err();
        }

        /** Takes away all that the action made, and itself where the agent kept it. */
        void clear() {
            List<String> all = new ArrayList<>(List.of("rm", "--force"));
            all.addAll(made("waiter"));
            all.addAll(made("target"));
            if (all.size() > 2) {
                containerd.nerdctl(all.toArray(String[]::new)).ok();
            }
            containerd.ctr("containers", "rm", id);
            containerd.run(
                    "sh", "-c", "rm -rf /var/lib/nerdctl/*/containers/" + PrivateContainerd.NAMESPACE + "/" + id);
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
