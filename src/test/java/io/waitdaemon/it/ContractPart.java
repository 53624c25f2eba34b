package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.it.ActionEngine.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the parts of {@link RuntimeContract} have in common: every test is one of what is left behind, too. */
abstract class ContractPart {

    static final Duration SOON = Duration.ofSeconds(30);

    private final List<BegunAction> begun = new CopyOnWriteArrayList<>();

    /** A folder of the engine's machine. */
    @TempDir
    Path folder;

    private Set<String> before = Set.of();

    abstract ActionEngine engine();

    @BeforeEach
    void take_stock() {
        before = engine().census();
    }

    @AfterEach
    void nothing_is_left_but_what_the_handoff_made() {
        if (!engine().running()) {
            engine().start();
        }
        begun.parallelStream().forEach(action -> engine().clear(action.id()));
        assertThat(engine().census()).isEqualTo(before);
    }

    BegunAction begin(ActionRequest request) {
        BegunAction action = new BegunAction(engine(), request, engine().begin(request));
        begun.add(action);
        return action;
    }

    /** Runs an action to its end, however that is. */
    BegunAction.Ended run(ActionRequest request) {
        return begin(request).ended();
    }

    /** Runs an action that reports success and is then removed by its agent. */
    BegunAction.Ended handOff(ActionRequest request) {
        BegunAction.Ended ended = run(request).succeeded();
        engine().agentRemoves(ended.action().id());
        return ended;
    }

    /** What the target of this action wrote, once it and the waiter have ended well. */
    String outputOfTarget(ActionRequest request) {
        BegunAction action = handOff(request).action();
        action.target().endsWith(0);
        action.waiter().endsWith(0);
        return action.target().log();
    }

    /** Nothing of this action is there, nor was a target started meanwhile. */
    void assertNothingIsLeft(BegunAction action) {
        for (Role role : Role.values()) {
            assertThat(engine().made(action.id(), role)).isEmpty();
        }
        assertThat(engine().everMade(action.id(), Role.TARGET))
                .allSatisfy(target -> assertThat(engine().starts(target)).isZero());
    }

    void assertNothingWasMade(BegunAction action) {
        for (Role role : Role.values()) {
            assertThat(engine().everMade(action.id(), role)).isEmpty();
        }
    }
}
