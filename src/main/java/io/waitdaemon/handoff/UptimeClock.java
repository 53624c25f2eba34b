package io.waitdaemon.handoff;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The machine's uptime (CLOCK_BOOTTIME, to 10 ms): the same in every container, and moved by no change of the wall clock,
 * which jumps by decades when a machine without a clock of its own first hears of NTP.
 */
public final class UptimeClock {

    /** A suspended machine goes on counting while a sleeping thread does not, so sleeps are short. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

    private final Path proc;

    /** @param proc where the proc file system is mounted */
    public UptimeClock(Path proc) {
        this.proc = proc;
    }

    public Duration now() {
        String both = read("uptime");
        String seconds = both.substring(0, both.indexOf(' '));
        return Duration.ofMillis(new BigDecimal(seconds).movePointRight(3).longValue());
    }

    /** Another one after every boot, the same in every container. */
    public String bootId() {
        return read("sys/kernel/random/boot_id").strip();
    }

    /**
     * Returns at once when that uptime has passed.
     *
     * @param meanwhile run before each of the short sleeps that make up the long one
     */
    public void sleepUntil(Duration uptime, Runnable meanwhile) throws InterruptedException {
        for (Duration left = uptime.minus(now()); left.isPositive(); left = uptime.minus(now())) {
            meanwhile.run();
            Thread.sleep(left.compareTo(LONGEST_SLEEP) < 0 ? left : LONGEST_SLEEP);
        }
    }

    private String read(String file) {
        try {
            return Files.readString(proc.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
