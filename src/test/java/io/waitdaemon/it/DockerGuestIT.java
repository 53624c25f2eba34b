package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.GuestFlavour;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Does a machine with Docker really reboot, once, when it shall, and after the agent's report? */
@Order(GuestTest.FIRST)
final class DockerGuestIT extends GuestTest {

    private static final Pattern WAIT = Pattern.compile("Waiting ([0-9.]+) s, then the target starts");
    private static final String SOCKET = "--volume /var/run/docker.sock:/var/run/docker.sock ";

    DockerGuestIT() {
        super(GuestFlavour.DOCKER, "docker");
    }

    @Test
    void machine_reboots_by_the_template_of_the_readme() {
        agent(reboot(SOCKET, 10));

        assertRebootedAfter(10, succeeded("reboot"));
    }

    @Test
    void machine_boots_another_kernel_by_kexec_and_no_mount_is_needed_for_the_engine() {
        agent("action kexec --pid host --volume /:/host --env IMAGE=target --env WAIT_SECONDS=10 -- " + KEXEC);

        assertRebootedAfter(10, succeeded("kexec"));
        console().await("GUEST: booted by kexec", SOON);
    }

    @Test
    void actions_that_cannot_be_handed_off_fail_while_the_agent_listens_and_nothing_is_left() {
        String before = guest().run("/guest/docker ps -aq | sort").ok().out();

        agent("action image --pid host --env IMAGE=no.such/image:1 --env WAITDAEMON_PULL_POLICY=never -- reboot");
        failed("image", 1);
        agent("action mount --pid host --volume /proc/1/nothing:/mnt --env IMAGE=target -- reboot");
        // the engine refuses the action itself
        failed("mount", 125);
        agent("action wait --pid host --env IMAGE=target --env WAIT_SECONDS=ten -- reboot");
        failed("wait", 78);

        assertStaysUp(Duration.ofSeconds(60));
        assertThat(guest().run("/guest/docker ps -aq | sort").ok().out()).isEqualTo(before);
    }

    @Test
    void reboot_comes_at_the_same_uptime_whatever_the_clock_is_set_to_meanwhile() {
        String today = guest().run("date +%s").ok().line();
        guest().run("date -s @600").ok();
        agent(reboot(SOCKET, 30));
        double ended = succeeded("reboot");

        guest().run("date -s @" + today + " && sleep 5 && date -s @$(($(date +%s) - 86400))")
                .ok();

        assertRebootedAfter(30, ended);
    }

    @Test
    void machine_that_is_reset_during_the_wait_does_not_reboot_again_and_the_waiter_says_why() {
        agent(reboot(SOCKET, 20));
        succeeded("reboot");
        guest().run("sync").ok();

        guest().reset();

        console().await("GUEST: boot 2 id=", SOON);
        assertWaiterStandsDown();
        assertStaysUp(Duration.ofSeconds(20));
    }

    @Test
    void slow_agent_has_its_whole_wait_to_report() {
        slowAgent(20, reboot(SOCKET, 45));

        double ended = succeeded("reboot");

        assertRebootedAfter(45, ended);
    }

    @Test
    void waiter_that_the_kernel_killed_for_want_of_memory_goes_on_with_its_deadline() {
        agent(reboot(SOCKET, 30));
        double ended = succeeded("reboot");

        guest().run(HAVE_SOMEBODY_KILLED_FOR_WANT_OF_MEMORY).ok();

        assertThat(console().await("Killed process [0-9]+ \\((\\S+)\\)", SOON).group(1))
                .isIn("waitdaemon", "java");
        // how long a machine without memory takes to start a container is not the waiter's doing
        assertThat(rebooted(SOON) - ended).isGreaterThan(30);
        List<Double> waits = WAIT.matcher(assertWaiterStandsDown())
                .results()
                .map(wait -> Double.valueOf(wait.group(1)))
                .toList();
        assertThat(waits).isNotEmpty().allMatch(seconds -> seconds < 29.9);
        assertThat(console().text()).doesNotContain("GUEST: boot 3");
    }

    /** Docker starts the waiter again at each boot. */
    private String assertWaiterStandsDown() {
        console().await("GUEST: engine answers", SOON);
        String log = guest().run("w=$(/guest/docker ps -aq --filter label=io.waitdaemon.role=waiter)"
                        + " && /guest/docker wait $w && /guest/docker logs $w")
                .ok()
                .out();
        assertThat(log).contains("rebooted");
        return log;
    }
}
