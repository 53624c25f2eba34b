package io.waitdaemon.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.Credentials;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In which forms does an engine repeat what must not be shown? */
class RedactionTest {

    @Test
    void values_are_masked_and_what_is_short_or_shown_anyway_is_not() {
        Redaction redaction = redaction("TOKEN=open-sesame", "DISK=sda", "NAME=alpine");

        assertThat(redaction.apply("alpine on sda: open-sesame is no user")).isEqualTo("alpine on sda: *** is no user");
    }

    @Test
    void longest_value_is_masked_first() {
        Redaction redaction = redaction("A=open-sesame", "B=open-sesame-twice");

        assertThat(redaction.apply("open-sesame-twice")).isEqualTo("***");
    }

    @Test
    void values_as_go_and_json_quote_them() {
        Redaction redaction = redaction("TOKEN=open \"sesame\" \\ now");

        assertThat(redaction.apply("invalid argument \"open \\\"sesame\\\" \\\\ now\""))
                .isEqualTo("invalid argument \"***\"");
    }

    @Test
    void each_line_of_a_value_that_has_several() {
        Redaction redaction = redaction("KEY=-----BEGIN KEY-----\nc2VzYW1l\r\n-----END KEY-----\n");

        assertThat(redaction.apply("it printed -----BEGIN KEY----- | c2VzYW1l | -----END KEY-----"))
                .isEqualTo("it printed *** | *** | ***");
        assertThat(redaction.apply("\"-----BEGIN KEY-----\\nc2VzYW1l\\r\\n-----END KEY-----\\n\""))
                .isEqualTo("\"***\"");
    }

    @Test
    void password_however_short_and_what_urls_and_headers_carry() {
        Redaction redaction =
                new Redaction(List.of(), List.of("alpine"), Optional.of(new Credentials("operator", "abc")));

        assertThat(redaction.apply("password abc")).isEqualTo("password ***");
        assertThat(redaction.apply("Get \"https://me:pw@registry.example/v2/?token=xyz\": Bearer eyJhbGciOi"))
                .isEqualTo("Get \"https://***@registry.example/v2/?***\": Bearer ***");
    }

    private static Redaction redaction(String... environment) {
        return new Redaction(List.of(environment), List.of("alpine"), Optional.empty());
    }
}
