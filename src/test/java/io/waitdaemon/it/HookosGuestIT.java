package io.waitdaemon.it;

import io.waitdaemon.engine.GuestFlavour;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Does HookOS, whose dockerd lives in a mount namespace of its own, reboot by a template without a mount? */
@Order(GuestTest.FIRST)
final class HookosGuestIT extends GuestTest {

    HookosGuestIT() {
        super(GuestFlavour.HOOKOS, "docker");
    }

    @Test
    void machine_reboots_without_a_mount() {
        agent(reboot("", 10));

        assertRebootedAfter(10, succeeded("reboot"));
    }
}
