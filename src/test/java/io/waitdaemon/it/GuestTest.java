package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Guest;
import io.waitdaemon.engine.GuestConsole;
import io.waitdaemon.engine.GuestFlavour;
import io.waitdaemon.engine.ImageArchive;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * Actions in a guest machine, by an agent that runs there. The guest's console is the witness; its moments are seconds since
 * the boot of the guest, which no clock change moves.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GuestTest {

    /** The order of the classes: what takes longest comes first, so that nothing has to wait for its end alone. */
    static final int FIRST = 1;

    /** Between one call of the engine and what it does lie a few seconds, when its machine is emulated. */
    static final Duration SOON = Duration.ofMinutes(2);

    /** The second kernel is the first one again, told apart by its command line. */
    static final String KEXEC =
            "chroot /host sh -c 'kexec --kexec-file-syscall --load /boot/vmlinuz --initrd=/boot/initrd"
                    + " --command-line=\"$(cat /proc/cmdline) guest.kexec\" && kexec --exec'";

    /** Fills all of the guest's memory but 60 MB, and has the kernel look for a victim, as it does when there is none left. */
    static final String HAVE_SOMEBODY_KILLED_FOR_WANT_OF_MEMORY = """
            mkdir -p /run/full; mount -t tmpfs -o size=100% full /run/full
            free=$(sed -n 's/^MemAvailable: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)
            dd if=/dev/zero of=/run/full/file bs=1M count=$((free / 1024 - 60))
            echo f >/proc/sysrq-trigger""";

    private static final String SUITE = System.getProperty("waitdaemon.guest.suite", "trixie");
    private static final int MEGABYTES = Integer.getInteger("waitdaemon.guest.megabytes", 1024);

    /** The kernel's last words, or what the first process says when it has been told to. */
    private static final String GOES_DOWN =
            "\\[ *([0-9.]+)\\] (?:reboot: Restarting system|kexec_core: Starting new kernel)|GUEST: init goes down uptime=([0-9.]+)";

    /** Seconds from the end of the wait to the moment when Docker has the waiter's word for it; seen: 0.01 to 0.05. */
    private static final double TOLD_AT_MOST = 1;

    /** Seconds by which two moments may be told apart wrongly: a process that asks for the time is started for each. */
    private static final double TELLING = 0.3;

    private static final String MOMENT = "at=(?<at>[0-9]+) now=(?<now>[0-9]+) uptime=(?<uptime>[0-9.]+)";

    private final GuestFlavour flavour;
    private final String engine;
    private Guest guest;
    private GuestConsole console;
    private String bootId;

    /** @param engine that the agent speaks to: {@code docker} or {@code containerd} */
    GuestTest(GuestFlavour flavour, String engine) {
        this.flavour = flavour;
        this.engine = engine;
    }

    @BeforeAll
    void start() {
        guest = Guest.start(flavour, SUITE, MEGABYTES, List.of(WaitdaemonImage.archive(), ImageArchive.target()));
        bootId = guest.run("cat /proc/sys/kernel/random/boot_id").ok().line();
        guest.keep();
    }

    @AfterAll
    void stop() {
        if (guest != null) {
            guest.close();
        }
    }

    @BeforeEach
    void restore() {
        console = guest.restore();
    }

    Guest guest() {
        return guest;
    }

    GuestConsole console() {
        return console;
    }

    /** Has the agent run these actions, each a line as {@code src/test/guest/root/guest/agent} reads it. */
    void agent(String... actions) {
        slowAgent(0, actions);
    }

    /** @param seconds from the end of an action to the moment when the agent takes notice of it */
    void slowAgent(int seconds, String... actions) {
        guest.run("cat >/run/actions <<'END'\n" + String.join("\n", actions) + "\nEND\n" + "SLOW=" + seconds
                        + " setsid /guest/agent " + engine + " /run/actions >>/run/action.log 2>&1 &")
                .ok();
    }

    /** Waits for the agent's report; when, by the engine's account, the action ended. */
    double succeeded(String action) {
        assertThat(reported(action)).as(this::actionLog).isEqualTo("SUCCESS");
        return uptime(console.await("AGENT: ENDED " + action + " code=0 " + MOMENT, Duration.ofSeconds(1)));
    }

    /** Waits for the agent's report; with this exit code the action, or the engine for it, had ended. */
    void failed(String action, int code) {
        assertThat(reported(action)).as(this::actionLog).isEqualTo("FAILED");
        console.await("AGENT: ENDED " + action + " code=" + code + " ", Duration.ofSeconds(1));
    }

    /** What action and waiter have written, while the machine is up. */
    String actionLog() {
        return guest.run("cat /run/action.log").out();
    }

    /** When the machine went down; it is another boot then. */
    double rebooted(Duration limit) {
        Matcher down = console.await(GOES_DOWN, limit);
        Matcher boot = console.await("GUEST: boot 2 id=(\\S+)", SOON);
        assertThat(boot.group(1)).isNotEqualTo(bootId);
        return Double.parseDouble(down.group(1) == null ? down.group(2) : down.group(1));
    }

    /** An action as in the templates of the README. */
    static String reboot(String options, int wait) {
        return "action reboot --pid host " + options + "--env IMAGE=target --env WAIT_SECONDS=" + wait + " -- reboot";
    }

    /** Docker takes 4 to 10 s to start a container on an emulated machine, so there it is the waiter's word that counts. */
    void assertRebootedAfter(int seconds, double ended) {
        double down = rebooted(Duration.ofSeconds(seconds).plus(SOON));
        double over = uptime(console.await("AGENT: STARTING " + MOMENT, Duration.ofSeconds(1)));
        assertThat(over - ended).as(console::text).isBetween(seconds - TELLING, seconds + TOLD_AT_MOST);
        assertThat(down).as(console::text).isGreaterThan(over);
    }

    /** Where the target starts too quickly for the waiter's word to be read. */
    void assertDownBetween(int seconds, int atMost, double ended) {
        double down = rebooted(Duration.ofSeconds(atMost).plus(SOON));
        assertThat(down - ended).as(console::text).isBetween(seconds - TELLING, (double) atMost);
    }

    /** Of a moment that the agent tells of a little later, by the engine's clock. */
    private static double uptime(Matcher moment) {
        long since = Long.parseLong(moment.group("now")) - Long.parseLong(moment.group("at"));
        return Double.parseDouble(moment.group("uptime")) - since / 1e9;
    }

    /** Nothing that ends the machine is seen for this long, which no event can tell. */
    void assertStaysUp(Duration time) {
        assertThat(guest.run("sleep " + time.toSeconds()).exit()).isZero();
        assertThat(console.text()).doesNotContainPattern(GOES_DOWN);
    }

    private String reported(String action) {
        return console.await("AGENT: (SUCCESS|FAILED) " + action + " ", SOON).group(1);
    }
}
