package io.waitdaemon.it;

import io.waitdaemon.engine.GuestFlavour;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Does CaptainOS, with containerd, nerdctl and systemd, reboot and kexec by its templates? None of them needs a mount for the engine. */
@Order(GuestTest.FIRST)
final class CaptainosGuestIT extends GuestTest {

    CaptainosGuestIT() {
        super(GuestFlavour.CAPTAINOS, "containerd");
    }

    @Test
    void machine_reboots_by_containerd() {
        agent("action reboot --pid host --env IMAGE=target --env WAIT_SECONDS=10 -- reboot -f");

        assertDownBetween(10, 15, succeeded("reboot"));
    }

    @Test
    void machine_boots_another_kernel_by_kexec() {
        agent("action kexec --pid host --volume /:/host --env IMAGE=target --env WAIT_SECONDS=10 -- " + KEXEC);

        // kexec loads the second kernel first
        assertDownBetween(10, 19, succeeded("kexec"));
        console().await("GUEST: booted by kexec", SOON);
    }

    @Test
    void machine_reboots_by_the_nerdctl_of_the_host() {
        agent("action reboot --pid host --env CONTAINER_RUNTIME=nerdctl --env NSENTER_HOST=true --env IMAGE=target"
                + " --env WAIT_SECONDS=20 -- reboot -f");

        assertDownBetween(20, 35, succeeded("reboot"));
    }
}
