package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.CreateTaskRequest;
import io.waitdaemon.runtime.containerd.api.Mount;
import jakarta.json.JsonObject;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Makes containers up to the point where only their process waits to be started, so that whatever containerd, its shim
 * or runc would refuse is refused now.
 */
final class ContainerCreation {

    private static final Logger LOG = Logger.getLogger(ContainerCreation.class);
    private static final String SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

    private final ContainerdNamespace namespace;

    ContainerCreation(ContainerdNamespace namespace) {
        this.namespace = namespace;
    }

    static Any spec(JsonObject json) {
        return Any.newBuilder()
                .setTypeUrl(SPEC_TYPE)
                .setValue(ByteString.copyFromUtf8(json.toString()))
                .build();
    }

    /**
     * Makes record, snapshot and task; nothing is left when it throws.
     *
     * @param parent chain ID of the image
     * @param outputUri what becomes of the output
     * @param preparation script for the engine's machine, to be run before the task is made; empty for none
     */
    void create(Container container, String parent, String outputUri, String preparation) {
        // the record first: it keeps the snapshot from containerd's garbage collection
        namespace.createContainer(container);
        try {
            List<Mount> rootfs =
                    namespace.prepareSnapshot(container.getSnapshotter(), container.getSnapshotKey(), parent);
            if (!preparation.isEmpty()) {
                HostShell.run(namespace, container.getRuntime(), preparation);
            }
            createTask(container, rootfs, outputUri);
        } catch (EngineException e) {
            try {
                new Removal(namespace).remove(new ContainerId(container.getId()));
            } catch (EngineException further) {
                LOG.errorf(
                        "Could not remove container %s, which a failed creation leaves behind: %s. Remove it by hand.",
                        container.getId(), further.getMessage());
            }
            throw e;
        }
    }

    /** Makes the task of a container anew, whose earlier one is gone. */
    void recreateTask(Container container, String outputUri) {
        createTask(container, namespace.mounts(container.getSnapshotter(), container.getSnapshotKey()), outputUri);
    }

    private void createTask(Container container, List<Mount> rootfs, String outputUri) {
        boolean terminal = Json.isTrue(
                Json.object(Json.object(container.getSpec().getValue().toStringUtf8()), "process"), "terminal");
        namespace.createTask(CreateTaskRequest.newBuilder()
                .setContainerId(container.getId())
                .addAllRootfs(rootfs)
                .setTerminal(terminal)
                .setStdout(outputUri)
                .setStderr(terminal ? "" : outputUri)
                .build());
    }
}
