package io.waitdaemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Is a wait read as its writer meant it? */
class DurationTextTest {

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "10, PT10S",
        "0.5, PT0.5S",
        "90s, PT90S",
        "2m, PT2M",
        "1m30s, PT90S",
        "1h, PT1H",
        "250ms, PT0.25S",
        "1d, PT24H",
        "PT1M, PT1M",
        "pt1.5s, PT1.5S",
        "P1D, PT24H"
    })
    void numbers_are_seconds_and_units_count(String text, Duration duration) {
        assertThat(DurationText.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ten",
                "-1",
                "-5s",
                "PT-1M",
                "1 m",
                "1w",
                "s",
                "",
                " 10",
                "1e3",
                "0x10",
                "31d",
                "999999999999",
                "1.",
                ".5"
            })
    void anything_else_is_refused_with_what_is_allowed(String text) {
        assertThatThrownBy(() -> DurationText.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a number of seconds such as 10, or a duration such as 90s, 2m or PT1M");
    }
}
