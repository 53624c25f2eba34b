package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.Result;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * An action of waitdaemon on containerd that has ended, and what it has made. The action itself is kept, to be compared
 * with what came of it.
 *
 * @param namespace of containerd, in which they all are
 */
record ComparedHandoff(PrivateContainerd containerd, String namespace, String id, String name, int exit, String log) {

    private static final String SOCKET = "/run/containerd/containerd.sock";

    /** What an action needs to reach its containerd by. */
    static final List<String> MOUNTED = List.of("--volume", SOCKET + ":" + SOCKET);

    private static final List<String> ASKED_FOR = List.of("--env", "CONTAINER_RUNTIME=containerd");

    /** As tink-agent runs it; the options are the agent's. */
    static ComparedHandoff ofAgent(PrivateContainerd containerd, List<String> options, String... args) {
        return ofAgent(containerd, ContainerdRoute.API, with(ASKED_FOR, options), args);
    }

    /** As tink-agent runs it, with what this way to the engine takes; the options are the agent's. */
    static ComparedHandoff ofAgent(
            PrivateContainerd containerd, ContainerdRoute route, List<String> options, String... args) {
        AgentRun run = AgentRun.begin(containerd, route.image(), with(List.of("--keep"), options), args);
        int exit = run.exit();
        int named = options.indexOf("--namespace");
        String namespace = named < 0 ? PrivateContainerd.NAMESPACE : options.get(named + 1);
        return new ComparedHandoff(containerd, namespace, run.id(), run.name(), exit, run.output());
    }

    /** As {@code nerdctl run} does it; the options are nerdctl's. */
    static ComparedHandoff ofNerdctl(PrivateContainerd containerd, List<String> options, String... args) {
        return ofNerdctl(containerd, ContainerdRoute.API, with(with(MOUNTED, ASKED_FOR), options), args);
    }

    /** As {@code nerdctl run} does it, with what this way to the engine takes; the options are nerdctl's. */
    static ComparedHandoff ofNerdctl(
            PrivateContainerd containerd, ContainerdRoute route, List<String> options, String... args) {
        containerd.add(route.image());
        List<String> line = with(List.of("run", "--detach"), options);
        line.add(route.image().reference());
        line.addAll(List.of(args));
        String id = containerd.nerdctl(line.toArray(String[]::new)).ok().line();
        int exit = Integer.parseInt(containerd.nerdctl("wait", id).ok().line());
        Result logs = containerd.nerdctl("logs", id).ok();
        String name = record(containerd, PrivateContainerd.NAMESPACE, id)
                .getJsonObject("Labels")
                .getString("nerdctl/name");
        return new ComparedHandoff(containerd, PrivateContainerd.NAMESPACE, id, name, exit, logs.out() + logs.err());
    }

    private static List<String> with(List<String> options, List<String> further) {
        List<String> all = new ArrayList<>(options);
        all.addAll(further);
        return all;
    }

    /** Makes images ready for another snapshotter than the default one. */
    static void unpack(PrivateContainerd containerd, String snapshotter, ImageArchive... images) {
        for (ImageArchive image : images) {
            List<String> line = new ArrayList<>(List.of("images", "import", "--snapshotter", snapshotter));
            // 2.1's ctr leaves it to containerd, which unpacks for the default snapshotter alone
            line.addAll(containerd.version() == ContainerdVersion.V2_1 ? List.of("--local") : List.of());
            line.add(image.file().toString());
            containerd.ctr(line.toArray(String[]::new)).ok();
        }
    }

    ComparedHandoff succeeded() {
        assertThat(exit).as(log).isZero();
        return this;
    }

    /** The action on record: {@code ID}, {@code Labels}, {@code Spec} … */
    JsonObject action() {
        return record(containerd, namespace, id);
    }

    /** The target on record. */
    JsonObject target() {
        return record(containerd, namespace, one("target"));
    }

    /** The waiter on record. */
    JsonObject waiter() {
        return record(containerd, namespace, one("waiter"));
    }

    /** What containers of this role it has made and are still there. */
    List<String> made(String role) {
        String filter = "labels.\"io.waitdaemon.action-id\"==" + id + ",labels.\"io.waitdaemon.role\"==" + role;
        return ctr("containers", "ls", "--quiet", filter).ok().out().lines().toList();
    }

    /** What the target writes on both streams until it ends. */
    String outputOfTarget() {
        String target = one("target");
        String waiter = one("waiter");
        assertThat(containerd.nerdctl("wait", waiter).ok().line())
                .as(() -> containerd.nerdctl("logs", waiter) + "\n" + containerd.nerdctl("logs", target))
                .isEqualTo("0");
        Result logs = containerd.nerdctl("logs", target).ok();
        return logs.out() + logs.err();
    }

    /** Removes all three. */
    void clear() {
        // the waiter first, or it would start the target, or be started again
        Stream.of(made("waiter"), made("target"), List.of(id))
                .flatMap(List::stream)
                .forEach(this::remove);
    }

    private void remove(String container) {
        if (record(containerd, namespace, container).getJsonObject("Labels").containsKey("nerdctl/auto-remove")) {
            // what nerdctl has made leaves names and files elsewhere too
            containerd.nerdctl("rm", "--force", "--volumes", container).ok();
            return;
        }
        // else the restart monitor may start it between its end and its removal, and the task has no record then
        ctr("containers", "label", container, "containerd.io/restart.status=stopped")
                .ok();
        JsonObject labels = record(containerd, namespace, container).getJsonObject("Labels");
        ctr("tasks", "rm", "--force", container);
        ctr("containers", "rm", container).ok();
        containerd.run("rm", "-rf", "--", labels.getString("nerdctl/state-dir")).ok();
    }

    private String one(String role) {
        List<String> made = made(role);
        assertThat(made).as("%s%n%s", role, log).hasSize(1);
        return made.getFirst();
    }

    private Result ctr(String... args) {
        return ctr(containerd, namespace, args);
    }

    private static Result ctr(PrivateContainerd containerd, String namespace, String... args) {
        return containerd.run(Stream.concat(Stream.of("ctr", "--namespace", namespace), Stream.of(args))
                .toArray(String[]::new));
    }

    private static JsonObject record(PrivateContainerd containerd, String namespace, String id) {
        String text = ctr(containerd, namespace, "containers", "info", id).ok().out();
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }
}
