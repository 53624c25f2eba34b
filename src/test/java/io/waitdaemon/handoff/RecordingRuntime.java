package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Ending;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** An engine for states that a real one cannot be brought into at will: other boots, other clocks, other times. */
final class RecordingRuntime implements LaunchRuntime {

    final List<String> calls = new ArrayList<>();
    final Deque<EngineException> startFailures = new ArrayDeque<>();
    ActionState actionAtFirst = new ActionState.Running();
    ActionState action = new ActionState.Gone();
    TargetState target = TargetState.CREATED;
    Ending ending = new Ending(0, false);
    Optional<String> note = Optional.empty();

    @Override
    public ActionState awaitAction(ContainerId id, Duration limit) {
        return note.isEmpty() ? actionAtFirst : action;
    }

    @Override
    public TargetState targetState(ContainerId id) {
        return target;
    }

    @Override
    public List<String> environment(ContainerId id) {
        return List.of();
    }

    @Override
    public void start(ContainerId id) {
        calls.add("start");
        if (!startFailures.isEmpty()) {
            throw startFailures.pop();
        }
        target = TargetState.STARTED;
    }

    @Override
    public Ending awaitEnding(ContainerId id) {
        return ending;
    }

    @Override
    public List<String> lastLines(ContainerId id, int count) {
        return List.of("last words");
    }

    @Override
    public Optional<String> note() {
        return note;
    }

    @Override
    public void leaveNote(String text) {
        calls.add("note " + text);
        note = Optional.of(text);
    }

    @Override
    public void checkWay() {}

    @Override
    public void retire() {
        calls.add("retire");
    }

    @Override
    public void remove(ContainerId id) {
        calls.add("remove");
    }

    @Override
    public void close() {}
}
