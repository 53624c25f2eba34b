package io.waitdaemon.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Does a reference mean here what it means to Docker? */
class ImageReferenceTest {

    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    @ParameterizedTest
    @CsvSource({
        "alpine,                           docker.io/library/alpine,          latest",
        "alpine:3.22,                      docker.io/library/alpine,          3.22",
        "tinkerbell/kexec:v1,              docker.io/tinkerbell/kexec,        v1",
        "index.docker.io/alpine,           docker.io/library/alpine,          latest",
        "quay.io/tinkerbell/kexec:v1.0.0,  quay.io/tinkerbell/kexec,          v1.0.0",
        "localhost/a,                      localhost/a,                       latest",
        "127.0.0.1:5000/a/b_c/d-e.f:x_Y.z, 127.0.0.1:5000/a/b_c/d-e.f,        x_Y.z",
        "[::1]:5000/a,                     [::1]:5000/a,                      latest",
        "Registry.example:5000/a,          Registry.example:5000/a,           latest"
    })
    void names_are_completed_as_docker_completes_them(String text, String name, String selector) {
        ImageReference reference = ImageReference.parse(text);

        assertThat(reference.name()).isEqualTo(name);
        assertThat(reference.selector()).isEqualTo(selector);
        assertThat(reference).hasToString(text);
    }

    @Test
    void digest_wins_over_the_tag() {
        ImageReference both = ImageReference.parse("quay.io/a:v1@" + DIGEST);

        assertThat(both.tag()).contains("v1");
        assertThat(both.selector()).isEqualTo(DIGEST);
        assertThat(ImageReference.parse("a@" + DIGEST).tag()).isEqualTo(Optional.empty());
    }

    @Test
    void id_of_a_local_image_names_no_registry() {
        assertThat(ImageReference.parse(DIGEST).isImageId()).isTrue();
        assertThat(ImageReference.parse("alpine").isImageId()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "UPPER/case",
                "Alpine",
                "a b",
                "alpine:",
                ":latest",
                "a//b",
                "/a",
                "a/",
                "https://quay.io/a",
                "a@sha256:short",
                "alpine:-x",
                "a\nb",
                "${x}",
                "-a"
            })
    void malformed_references_are_refused_with_what_is_allowed(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("an image reference");
    }
}
