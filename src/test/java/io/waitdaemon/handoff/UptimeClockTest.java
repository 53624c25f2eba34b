package io.waitdaemon.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does the wait follow the uptime and nothing else? */
class UptimeClockTest {

    @TempDir
    private Path folder;

    @Test
    void sleep_ends_when_the_uptime_says_so_and_not_before() throws InterruptedException {
        FakeProc proc = new FakeProc(folder).uptime(Duration.ofSeconds(50));
        UptimeClock clock = new UptimeClock(folder);
        Thread sleeper = Thread.ofPlatform().start(() -> {
            try {
                clock.sleepUntil(Duration.ofMillis(50_100), () -> {});
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(sleeper.join(Duration.ofMillis(500)))
                .as("the uptime stands still")
                .isFalse();
        proc.uptime(Duration.ofSeconds(51));

        assertThat(sleeper.join(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void uptime_is_read_to_the_hundredth_of_a_second() {
        new FakeProc(folder).uptime(Duration.ofMillis(123_450));

        assertThat(new UptimeClock(folder).now()).isEqualTo(Duration.ofMillis(123_450));
    }
}
