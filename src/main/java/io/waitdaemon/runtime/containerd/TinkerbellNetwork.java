package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.List;

/**
 * The network that Tinkerbell's agent gives its containers where the machine has no configuration of its own (tink-agent,
 * runtime/containerd): the values have to be the same, since both configure the same bridge.
 */
final class TinkerbellNetwork {

    private TinkerbellNetwork() {}

    static CniNetwork get() {
        JsonObjectBuilder subnet = object().add("subnet", "172.17.0.0/23").add("gateway", "172.17.0.1");
        JsonObjectBuilder addresses = object().add("type", "host-local")
                .add(
                        "ranges",
                        Json.PROVIDER
                                .createArrayBuilder()
                                .add(Json.PROVIDER.createArrayBuilder().add(subnet)))
                .add("routes", Json.PROVIDER.createArrayBuilder().add(object().add("dst", "0.0.0.0/0")));
        JsonObject bridge = object().add("type", "bridge")
                .add("bridge", "cni0")
                .add("isGateway", true)
                .add("ipMasq", true)
                .add("hairpinMode", true)
                .add("ipam", addresses)
                .build();
        JsonObject ports = object().add("type", "portmap")
                .add("capabilities", object().add("portMappings", true))
                .build();
        JsonObject firewall = object().add("type", "firewall")
                .add("ingressPolicy", "same-bridge")
                .build();
        JsonObject tuning = object().add("type", "tuning").build();
        JsonObject list = object().add("cniVersion", "1.0.0")
                .add("name", "bridge")
                .add("plugins", Json.PROVIDER.createArrayBuilder(List.of(bridge, ports, firewall, tuning)))
                .build();
        return CniNetwork.of(list);
    }

    private static JsonObjectBuilder object() {
        return Json.PROVIDER.createObjectBuilder();
    }
}
