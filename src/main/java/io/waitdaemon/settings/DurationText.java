package io.waitdaemon.settings;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a time span as operators write it: {@code 10}, {@code 90s}, {@code 1m30s}, {@code PT1M}. */
final class DurationText {

    private static final String ALLOWED =
            "a number of seconds such as 10, or a duration such as 90s, 2m or PT1M; not negative, at most 30 days";
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final Map<String, BigDecimal> UNITS = Map.of(
            "ms", new BigDecimal("0.001"),
            "s", BigDecimal.ONE,
            "m", BigDecimal.valueOf(60),
            "h", BigDecimal.valueOf(3600),
            "d", BigDecimal.valueOf(86_400));
    private static final String NUMBER = "[0-9]{1,12}(?:\\.[0-9]{1,9})?";
    private static final Pattern SECONDS = Pattern.compile(NUMBER);
    private static final Pattern PART = Pattern.compile("(" + NUMBER + ")(ms|s|m|h|d)");
    private static final Pattern PARTS = Pattern.compile("(?:" + PART + ")+");

    private DurationText() {}

    /**
     * Reads the text to the millisecond.
     *
     * @throws IllegalArgumentException saying what is allowed
     */
    static Duration parse(String text) {
        Duration duration = read(text);
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(ALLOWED);
        }
        return duration;
    }

    private static Duration read(String text) {
        if (SECONDS.matcher(text).matches()) {
            return ofSeconds(new BigDecimal(text));
        }
        if (PARTS.matcher(text).matches()) {
            Matcher part = PART.matcher(text);
            BigDecimal sum = BigDecimal.ZERO;
            while (part.find()) {
                sum = sum.add(new BigDecimal(part.group(1)).multiply(UNITS.get(part.group(2))));
            }
            return ofSeconds(sum);
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(ALLOWED, e);
        }
    }

    private static Duration ofSeconds(BigDecimal seconds) {
        return Duration.ofMillis(seconds.movePointRight(3).longValue());
    }
}
