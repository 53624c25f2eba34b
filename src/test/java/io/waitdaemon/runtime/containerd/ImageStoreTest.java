package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of images, of stacks of layers and of platforms, which containerd leaves to its clients. */
class ImageStoreTest {

    @Test
    void stack_of_layers_is_named_by_all_of_them() {
        String first = "sha256:" + "0".repeat(64);
        String second = "sha256:" + "1".repeat(64);

        assertThat(ChainId.of(List.of())).isEmpty();
        assertThat(ChainId.of(List.of(first))).isEqualTo(first);
        // printf %s 'sha256:000… sha256:111…' | sha256sum
        assertThat(ChainId.of(List.of(first, second)))
                .isEqualTo("sha256:f94b891e05f6e37c90d87edfd5bb98a02d618a437c35f3a94b3b00e48e894631");
        assertThat(ChainId.of(List.of(first, second, first)))
                .isEqualTo("sha256:57da0dac651c231b6897c3cedaf8f6dd7916471879c700701db6c5949fbd3895");
    }

    /** From containerd's socket at its usual path nerdctl makes {@code /var/lib/nerdctl/1935db59}. */
    @Test
    void socket_is_named_as_nerdctl_names_it() {
        assertThat(ChainId.sha256("/run/containerd/containerd.sock")).startsWith("1935db59");
    }

    @ParameterizedTest
    @CsvSource({
        "alpine, docker.io/library/alpine:latest",
        "user/app:1, docker.io/user/app:1",
        "quay.io/a/b, quay.io/a/b:latest",
        "localhost/a, localhost/a:latest",
        "index.docker.io/alpine, docker.io/library/alpine:latest",
        "127.0.0.1:5000/a:b, 127.0.0.1:5000/a:b"
    })
    void image_is_stored_under_its_full_name(String written, String stored) {
        assertThat(ImageReference.parse(written).fullName()).isEqualTo(stored);
    }

    @Test
    void manifest_is_chosen_for_the_platform_and_never_an_attestation() {
        Platform arm = new Platform("linux", "arm64");
        var manifests = Json.objects(Json.object("""
                {"manifests": [
                  {"digest": "attestation", "platform": {"os": "unknown", "architecture": "unknown"}},
                  {"digest": "windows", "platform": {"os": "windows", "architecture": "arm64"}},
                  {"digest": "amd", "platform": {"os": "linux", "architecture": "amd64"}},
                  {"digest": "arm", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
                  {"digest": "any"}]}
                """), "manifests");

        assertThat(arm.choose(manifests)).hasValueSatisfying(chosen -> assertThat(chosen.getString("digest"))
                .isEqualTo("arm"));
        assertThat(new Platform("linux", "s390x").choose(manifests))
                .hasValueSatisfying(
                        chosen -> assertThat(chosen.getString("digest")).isEqualTo("any"));
        assertThat(arm.choose(manifests.subList(0, 3))).isEmpty();
        assertThat(Platform.own().toString()).matches("linux/[a-z0-9]+").isNotEqualTo("linux/x86_64");
    }
}
