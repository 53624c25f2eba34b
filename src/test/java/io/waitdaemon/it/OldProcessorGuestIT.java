package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.GuestFlavour;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Does the jvm image start on a processor that is older than the one it was built on? The guest's is a Nehalem of 2008,
 * without AVX. A whole handoff is left to the native image: an emulated JVM is too slow to find its engine in time.
 */
@Tag("jvm-image")
final class OldProcessorGuestIT extends GuestTest {

    OldProcessorGuestIT() {
        super(GuestFlavour.DOCKER, "docker");
    }

    @Test
    void jvm_image_starts_on_an_old_processor() {
        assertThat(guest().run("/guest/docker run --rm waitdaemon:it --version")
                        .ok()
                        .out())
                .contains("waitdaemon");
    }
}
