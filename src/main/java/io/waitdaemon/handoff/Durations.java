package io.waitdaemon.handoff;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Durations in log lines. */
final class Durations {

    private Durations() {}

    /** In seconds, to a tenth, without a trailing zero: {@code 10 s}, {@code 2.4 s}. */
    static String shown(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.toMillis(), 3).setScale(1, RoundingMode.HALF_UP);
        return seconds.stripTrailingZeros().toPlainString() + " s";
    }
}
