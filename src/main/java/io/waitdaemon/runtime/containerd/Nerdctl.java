package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.NerdctlLabels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What nerdctl wants to find on a container so that its {@code ps}, {@code inspect}, {@code logs} and {@code rm} work on
 * it (nerdctl 2.2, 2.3: pkg/labels, pkg/containerutil, pkg/ocihook): labels, and nearly the same again as annotations
 * of the OCI specification, without which {@code rm} refuses.
 *
 * @param dataStore nerdctl's folder for this containerd, on the engine's side
 */
record Nerdctl(Path dataStore) {

    static final String LOG_URI = NerdctlLabels.PREFIX + "log-uri";

    private static final Path DATA_ROOT = Path.of("/var/lib/nerdctl");
    private static final int HASH_LENGTH = 8;

    /** Longest label of containerd, key and value (1.6 to 2.1: labels.Validate). */
    private static final int LONGEST_LABEL = 4096;

    /**
     * Where the container's own labels say, else where nerdctl looks by default.
     *
     * @param address of the socket on the engine's side, by which nerdctl tells one containerd from another
     */
    static Nerdctl of(OwnContainer own, String address) {
        Path suffix = Path.of("containers", own.namespace(), own.record().getId());
        return Optional.of(own.record().getLabelsOrDefault(NerdctlLabels.STATE_DIR, ""))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .filter(folder -> folder.endsWith(suffix))
                .map(folder -> new Nerdctl(
                        Path.of("/").resolve(folder.subpath(0, folder.getNameCount() - suffix.getNameCount()))))
                .orElseGet(() ->
                        new Nerdctl(DATA_ROOT.resolve(ChainId.sha256(address).substring(0, HASH_LENGTH))));
    }

    /** The folder of one container, which {@code nerdctl rm} removes. */
    Path stateFolder(String namespace, ContainerId container) {
        return dataStore.resolve(Path.of("containers", namespace, container.value()));
    }

    /**
     * The labels of a container.
     *
     * @param networks names of networks, {@code host} or {@code none}
     * @param logUri left out when it is too long for a label: it is there to be looked at, and to start the container anew
     */
    Map<String, String> labels(
            String namespace,
            ContainerId container,
            String name,
            String hostname,
            List<String> networks,
            Platform platform,
            String logUri) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(NerdctlLabels.PREFIX + "namespace", namespace);
        labels.put(NerdctlLabels.NAME, name);
        labels.put(NerdctlLabels.HOSTNAME, hostname);
        labels.put(NerdctlLabels.PREFIX + "extraHosts", "[]");
        labels.put(NerdctlLabels.STATE_DIR, stateFolder(namespace, container).toString());
        labels.put(NerdctlLabels.NETWORKS, Json.strings(networks).build().toString());
        labels.put(NerdctlLabels.PREFIX + "platform", platform.toString());
        if (LOG_URI.length() + logUri.length() <= LONGEST_LABEL) {
            labels.put(LOG_URI, logUri);
        }
        return labels;
    }
}
