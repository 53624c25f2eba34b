package io.waitdaemon.handoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waitdaemon.container.ContainerdEndpoint;
import io.waitdaemon.container.DockerEndpoint;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.NerdctlChoice;
import io.waitdaemon.container.PullPolicy;
import io.waitdaemon.container.TlsFiles;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.ContainerEngine;
import io.waitdaemon.runtime.Door;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.RuntimeProvider;
import io.waitdaemon.runtime.Runtimes;
import io.waitdaemon.self.Evidence;
import io.waitdaemon.settings.LogFormat;
import io.waitdaemon.settings.RuntimeChoice;
import io.waitdaemon.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the ways in to an engine that lead nowhere? */
class RuntimeSelectionTest {

    private final AtomicInteger opened = new AtomicInteger();

    @TempDir
    private Path proc;

    @Test
    void way_that_was_too_slow_is_tried_once_more_when_no_other_leads_in() {
        Door slow = new Door("the slow one", () -> {
            if (opened.incrementAndGet() == 1) {
                blockForEver();
            }
            throw refusal("awake now");
        });
        Door other = new Door("the other one", () -> {
            throw refusal("nobody here");
        });

        assertThatThrownBy(() -> select(slow, other))
                .isInstanceOf(NoRuntime.class)
                .hasMessageContaining(
                        "the other one: nobody here; the slow one: no answer within 5 s; the slow one: awake now");
        assertThat(opened).hasValue(2);
    }

    @Test
    void ways_that_do_not_answer_do_not_use_up_the_time_of_the_last_one() {
        CountDownLatch lastWasTried = new CountDownLatch(1);
        Door[] doors = {
            new Door("first", () -> await(lastWasTried, "first")),
            new Door("second", () -> await(lastWasTried, "second")),
            new Door("last", () -> {
                lastWasTried.countDown();
                throw refusal("nobody here");
            })
        };

        assertThatThrownBy(() -> select(doors))
                .isInstanceOf(NoRuntime.class)
                .hasMessageContaining("last: nobody here; ")
                .hasMessageContaining("second: second saw the last one tried");
    }

    @Test
    void way_that_is_refused_is_not_tried_again() {
        Door door = new Door("the only one", () -> {
            opened.incrementAndGet();
            throw refusal("nobody here");
        });

        assertThatThrownBy(() -> select(door)).isInstanceOf(NoRuntime.class);
        assertThat(opened).hasValue(1);
    }

    private void select(Door... doors) {
        Settings settings = new Settings(
                ImageReference.parse("target"),
                Duration.ZERO,
                Duration.ZERO,
                RuntimeChoice.AUTO,
                new Endpoints(
                        new DockerEndpoint(Optional.empty(), Optional.empty(), proc),
                        new ContainerdEndpoint(
                                Optional.empty(),
                                ContainerdEndpoint.DEFAULT_NAMESPACE,
                                TlsFiles.NONE,
                                Optional.empty()),
                        NerdctlChoice.EITHER),
                PullPolicy.NEVER,
                Optional.empty(),
                false,
                LogFormat.JSON);
        new RuntimeSelection(new Runtimes(List.of(new Doors(List.of(doors)))), Evidence.gather(proc)).select(settings);
    }

    private record Doors(List<Door> all) implements RuntimeProvider {
        @Override
        public String name() {
            return "docker";
        }

        @Override
        public Stream<Door> doors(Endpoints endpoints) {
            return all.stream();
        }

        @Override
        public LaunchRuntime reconnect(LaunchOrder order) {
            throw new UnsupportedOperationException();
        }
    }

    private static ContainerEngine blockForEver() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw refusal("interrupted");
    }

    private static ContainerEngine await(CountDownLatch lastWasTried, String name) {
        try {
            lastWasTried.await();
        } catch (InterruptedException e) {
            throw refusal("interrupted");
        }
        throw refusal(name + " saw the last one tried");
    }

    private static EngineException refusal(String words) {
        return new EngineException(EngineException.Kind.REFUSED, words);
    }
}
