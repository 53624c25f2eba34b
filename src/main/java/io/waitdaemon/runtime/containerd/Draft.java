package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.containerd.api.Container;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

/**
 * A container to be made.
 *
 * @param spec its OCI specification, which the record holds as bytes
 * @param parent chain ID of its image
 * @param outputUri what becomes of its output
 * @param preparation script for the engine's machine, to be run before its task is made; empty for none
 */
record Draft(Container record, JsonObject spec, String parent, String outputUri, String preparation) {

    ContainerId create(ContainerdNamespace namespace) {
        new ContainerCreation(namespace).create(record, parent, outputUri, preparation);
        return new ContainerId(record.getId());
    }

    /** As it may be logged: without the values of the environment. */
    String masked() {
        JsonArrayBuilder names = Json.PROVIDER.createArrayBuilder();
        JsonObject process = Json.object(spec, "process");
        Json.texts(process, "env").forEach(entry -> names.add(entry.split("=", 2)[0] + "=***"));
        JsonObjectBuilder labels = Json.PROVIDER.createObjectBuilder();
        record.getLabelsMap().forEach(labels::add);
        return Json.PROVIDER
                .createObjectBuilder()
                .add("image", record.getImage())
                .add("labels", labels)
                .add("snapshotter", record.getSnapshotter())
                .add("parent", parent)
                .add("runtime", record.getRuntime().getName())
                .add(
                        "spec",
                        Json.PROVIDER
                                .createObjectBuilder(spec)
                                .add(
                                        "process",
                                        Json.PROVIDER
                                                .createObjectBuilder(process)
                                                .add("env", names)))
                .build()
                .toString();
    }
}
