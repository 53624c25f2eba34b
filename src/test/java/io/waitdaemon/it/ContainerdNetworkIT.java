package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import io.waitdaemon.it.ContainerdHandoffs.Action;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What network has a target whose action had none, the machine's, or one that CNI's plugins made? */
@ResourceLock(Containerds.LOCK)
class ContainerdNetworkIT {

    private static final List<String> CONFIGURATION = List.of("--volume", "/etc/cni/net.d:/etc/cni/net.d:ro");

    @BeforeAll
    static void a_containerd_can_run_here() {
        Containerds.require();
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_6", "V2_1"})
    void host_network_stays_the_hosts_and_none_stays_none(ContainerdVersion version) {
        ContainerdHandoffs handoffs = new ContainerdHandoffs(Containerds.shared(version));

        Action host = handoffs.run(List.of(), "cat", "/proc/net/dev").succeeded();
        Action none = handoffs.begin(List.of("--no-cni"), "cat", "/proc/net/dev")
                .ended()
                .succeeded();

        assertThat(host.targetEnded()).isZero();
        assertThat(none.targetEnded()).isZero();
        assertThat(host.logs(host.target())).contains("lo:", "wdcn");
        assertThat(none.logs(none.target()).lines().filter(line -> line.contains(":")))
                .singleElement()
                .asString()
                .contains("lo:");
        host.clear();
        none.clear();
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_6", "V2_1"})
    void target_is_on_the_bridge_with_no_client_alive_and_gives_its_address_back(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            ContainerdHandoffs handoffs = new ContainerdHandoffs(containerd);
            Inventory before = containerd.inventory();
            String network = containerd.gateway().replaceFirst("\\.[0-9]+$", ".");
            Action action = handoffs.begin(
                            CONFIGURATION,
                            "sh",
                            "-c",
                            "ip addr show eth0; ip route; cat /etc/resolv.conf /etc/hosts; ping -c 1 "
                                    + containerd.gateway() + "; exec sleep 600")
                    .ended()
                    .succeeded();
            String target = action.target();
            action.awaitRunning(target);
            containerd.nerdctl("rm", "--force", action.waiter()).ok();
            ContainerdHandoffs.await(
                    ContainerdHandoffs.SOON,
                    () -> action.logs(target).contains("packets received"),
                    () -> action.logs(target));

            assertThat(action.logs(target))
                    .contains("inet " + network, "default via " + containerd.gateway(), "nameserver", "localhost")
                    .contains("1 packets received");
            assertThat(leases(containerd)).hasSize(1);
            assertThat(containerd.run("cat", "/proc/self/mountinfo").ok().out()).contains("/run/waitdaemon/" + target);

            containerd.nerdctl("rm", "--force", target).ok();

            assertThat(leases(containerd)).isEmpty();
            assertThat(containerd.run("cat", "/proc/self/mountinfo").ok().out()).doesNotContain("waitdaemon/" + target);
            assertThat(containerd.run("ls", "/run/waitdaemon").out()).doesNotContain(target);
            assertThat(containerd.inventory()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_6", "V2_1"})
    void plugins_of_a_list_get_the_result_of_the_one_before(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            extend(containerd, ",{\"type\": \"tuning\", \"mtu\": 1400}]");
            ContainerdHandoffs handoffs = new ContainerdHandoffs(containerd);

            Action action = handoffs.begin(CONFIGURATION, "ip", "link", "show", "eth0")
                    .ended()
                    .succeeded();

            assertThat(action.targetEnded()).isZero();
            assertThat(action.logs(action.target())).contains("mtu 1400");
            action.clear();
            assertThat(leases(containerd)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V1_6", "V2_1"})
    void failing_plugin_fails_the_action_in_its_own_words_and_leaves_nothing(ContainerdVersion version) {
        try (PrivateContainerd containerd = PrivateContainerd.create(version).start()) {
            extend(containerd, ",{\"type\": \"tuning\", \"mtu\": 5}]");
            ContainerdHandoffs handoffs = new ContainerdHandoffs(containerd);
            Inventory before = containerd.inventory();

            Action action = handoffs.begin(CONFIGURATION, "true").ended();

            assertThat(action.exit()).as(action.log()).isEqualTo(1);
            // the agent's own plugins failed as well, which it reports and accepts
            String log = String.join(
                    "\n",
                    action.log().lines().filter(line -> line.startsWith("{")).toList());
            assertThat(LogLine.error(log).message())
                    .contains("The engine refused to create the target", "hook", "invalid argument");
            action.clear();
            assertThat(leases(containerd)).isEmpty();
            assertThat(containerd.run("ls", "/run/waitdaemon").out()).isBlank();
            assertThat(containerd.inventory()).isEqualTo(before);
        }
    }

    /** Adds a plugin to the fixture's list. */
    private static void extend(PrivateContainerd containerd, String end) {
        String file = "/etc/cni/net.d/10-bridge.conflist";
        String list = containerd.run("cat", file).ok().out();
        containerd.write(file, list.substring(0, list.lastIndexOf(']')) + end + "}");
    }

    /** The addresses that host-local has given out and not got back. */
    private static List<String> leases(PrivateContainerd containerd) {
        return containerd
                .run("sh", "-c", "ls /var/lib/cni/networks/*")
                .out()
                .lines()
                .filter(name -> name.matches("[0-9.]+"))
                .toList();
    }
}
