package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.containerd.api.Container;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What network has an action, whose specification tells it only in part? */
class NetworkTest {

    private static final String OWN = "{\"type\": \"network\"}";

    @TempDir
    Path folder;

    @Test
    void network_without_a_namespace_is_the_hosts() {
        assertThat(network("", true, Map.of())).isEqualTo(new Network.Host());
        assertThat(new Network.Host().names()).containsExactly("host");
    }

    @Test
    void namespace_with_a_path_is_anothers() {
        assertThat(network("{\"type\": \"network\", \"path\": \"/proc/7/ns/net\"}", true, Map.of()))
                .isEqualTo(new Network.Joined("/proc/7/ns/net"));
    }

    @Test
    void namespace_without_any_connection_stays_so() {
        assertThat(network(OWN, false, Map.of())).isEqualTo(new Network.None());
        assertThat(network(OWN, true, Map.of("nerdctl/networks", "[\"none\"]"))).isEqualTo(new Network.None());
    }

    @Test
    void connection_that_nobody_names_is_tinkerbells_default() {
        Network network = network(OWN, true, Map.of());

        assertThat(network.names()).containsExactly("bridge");
        assertThat(((Network.Cni) network).networks().getFirst().plugins())
                .extracting(plugin -> plugin.getString("type"))
                .containsExactly("bridge", "portmap", "firewall", "tuning");
    }

    @Test
    void label_that_is_no_list_counts_as_none() {
        assertThat(network(OWN, false, Map.of("nerdctl/networks", "{]"))).isEqualTo(new Network.None());
        assertThat(network(OWN, false, Map.of("nerdctl/networks", "7"))).isEqualTo(new Network.None());
    }

    @Test
    void ports_are_handed_to_the_plugins_that_can_lead_them() {
        Network network = network(
                OWN, true, Map.of("nerdctl/ports", "[{\"HostPort\":8080,\"ContainerPort\":80,\"Protocol\":\"tcp\"}]"));

        List<JsonObject> plugins = ((Network.Cni) network).networks().getFirst().plugins();
        assertThat(plugins.get(1).getValue("/runtimeConfig/portMappings/0/HostPort"))
                .hasToString("8080");
        assertThat(plugins.getFirst()).doesNotContainKey("runtimeConfig");
    }

    @Test
    void configurations_are_read_in_the_order_of_their_names_and_bad_ones_passed_over() throws IOException {
        Files.writeString(folder.resolve("20-b.conf"), "{\"name\": \"b\", \"type\": \"macvlan\"}");
        Files.writeString(
                folder.resolve("10-a.conflist"),
                "{\"name\": \"a\", \"cniVersion\": \"1.0.0\", \"plugins\": [{\"type\": \"bridge\"}, {\"type\": \"tuning\"}]}");
        Files.writeString(folder.resolve("05-bad.json"), "{");
        Files.writeString(folder.resolve("README"), "no configuration");
        Files.createDirectories(folder.resolve("tinkerbell"));
        Files.writeString(
                folder.resolve("tinkerbell/nerdctl-c.conflist"),
                "{\"name\": \"c\", \"plugins\": [{\"type\": \"ipvlan\"}]}");

        List<CniNetwork> networks = CniNetwork.readAll(folder);

        assertThat(networks).extracting(CniNetwork::name).containsExactly("a", "b", "c");
        assertThat(networks.getFirst().plugins())
                .extracting(Object::toString)
                .containsExactly(
                        "{\"type\":\"bridge\",\"cniVersion\":\"1.0.0\",\"name\":\"a\"}",
                        "{\"type\":\"tuning\",\"cniVersion\":\"1.0.0\",\"name\":\"a\"}");
        assertThat(networks.get(1).plugins().getFirst().getString("cniVersion")).isEqualTo("0.2.0");
        assertThat(CniNetwork.readAll(folder.resolve("none"))).isEmpty();
    }

    private Network network(String entry, boolean connected, Map<String, String> labels) {
        Container record = Container.newBuilder()
                .setId("a".repeat(64))
                .putAllLabels(labels)
                .setSpec(ContainerCreation.spec(Json.object("{\"linux\": {\"namespaces\": [" + entry + "]}}")))
                .build();
        OwnContainer action = OwnContainer.of("tinkerbell", record);
        return Network.of(action, connected, new EngineFiles(action, new HostRoot(folder), Optional.empty()));
    }
}
