package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.NerdctlLabels;
import io.waitdaemon.runtime.OciSpec;
import io.waitdaemon.runtime.containerd.api.Container;
import jakarta.json.JsonException;

/**
 * A container as containerd has it on record.
 *
 * @param namespace that it is in
 * @param spec its OCI runtime specification
 */
record OwnContainer(String namespace, Container record, OciSpec spec) {

    static OwnContainer of(String namespace, Container record) {
        try {
            String json = record.getSpec().getValue().toStringUtf8();
            return new OwnContainer(namespace, record, new OciSpec(Json.object(json)));
        } catch (JsonException e) {
            throw new EngineException(
                    Kind.REFUSED, "the OCI specification of container " + record.getId() + " is no JSON object", e);
        }
    }

    ContainerId id() {
        return new ContainerId(record.getId());
    }

    /** As nerdctl shows it; a container that has no name has only its id. */
    String name() {
        return record.getLabelsOrDefault(NerdctlLabels.NAME, record.getId());
    }

    /**
     * The cgroup of a container beside this one, in the form that this one's has: a path, or systemd's
     * {@code slice:prefix:name}.
     */
    String cgroupsPath(ContainerId sibling) {
        String path = Json.text(spec.linux(), "cgroupsPath");
        if (path.contains(record.getId())) {
            return path.replace(record.getId(), sibling.value());
        }
        return path.isEmpty() ? "/" + namespace + "/" + sibling : path + "-" + sibling.shortForm();
    }
}
