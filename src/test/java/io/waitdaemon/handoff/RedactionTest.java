package io.waitdaemon.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.Credentials;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Do the words of engines and registries lose what nobody may read? */
class RedactionTest {

    private final Redaction redaction = new Redaction(
            List.of("TOKEN=s3cr3t-value", "IMAGE=quay.io/a:v1", "N=1"),
            List.of("quay.io/a:v1"),
            Optional.of(new Credentials("me", "pa55")));

    @Test
    void values_of_the_environment_and_the_password_are_masked() {
        assertThat(redaction.apply("bad entry TOKEN=s3cr3t-value; login me:pa55 failed"))
                .isEqualTo("bad entry TOKEN=***; login me:*** failed");
    }

    @Test
    void what_a_url_carries_besides_its_path_is_masked() {
        assertThat(redaction.apply("Get https://u:p@host/v2/a?sig=abc&x=1: 403, Authorization: Bearer abc.def-123"))
                .isEqualTo("Get https://***@host/v2/a?***: 403, Authorization: Bearer ***");
    }

    @Test
    void harmless_values_and_short_ones_stay_readable() {
        assertThat(redaction.apply("no such image: quay.io/a:v1, 1 attempt"))
                .isEqualTo("no such image: quay.io/a:v1, 1 attempt");
    }
}
