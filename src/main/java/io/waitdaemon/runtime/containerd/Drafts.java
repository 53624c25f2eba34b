package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ContainerdEndpoint;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.UserLabels;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.StatSnapshotResponse;
import jakarta.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what target and waiter of a handoff shall be, in containerd's terms. */
final class Drafts {

    private static final String USUAL_SOCKET = "/run/containerd/containerd.sock";

    private final ContainerdNamespace namespace;
    private final ImageStore images;
    private final OwnContainer action;
    private final HandoffPlan plan;
    private final EngineWay way;
    private final ContainerdEndpoint endpoint;
    private final OwnProcess process;
    private final EngineFiles files;
    private final JsonObject ownConfig;
    private final String address;
    private final Nerdctl nerdctl;

    Drafts(
            ContainerdNamespace namespace,
            ImageStore images,
            OwnContainer action,
            HandoffPlan plan,
            EngineWay way,
            ContainerdEndpoint endpoint,
            OwnProcess process,
            EngineFiles files) {
        this.namespace = namespace;
        this.images = images;
        this.action = action;
        this.plan = plan;
        this.way = way;
        this.endpoint = endpoint;
        this.process = process;
        this.files = files;
        // another image may have taken the name since
        this.ownConfig = images.find(action.record().getImage())
                .filter(image -> image.chainId().equals(ownChainId()))
                .map(StoredImage::config)
                .orElse(JsonObject.EMPTY_JSON_OBJECT);
        this.address = switch (way) {
            case EngineWay.Local local -> local.onEngine(action).toString();
            // where it listens on its own side cannot be seen from here
            case EngineWay.Remote remote -> USUAL_SOCKET;
        };
        this.nerdctl = Nerdctl.of(action, address);
    }

    Draft target(ContainerId target) {
        StoredImage image = images.find(plan.image())
                .orElseThrow(() -> new EngineException(
                        Kind.NOT_FOUND, "the image \"" + plan.image() + "\" has been removed in the meantime"));
        TargetSpec spec = new TargetSpec(action, ownConfig, plan, image, ImageUser.of(namespace, image));
        Network network = network();
        OutputFolder output = output(target);
        Map<String, String> ofNerdctl = nerdctlLabels(target, Role.TARGET, spec.hostname(target), network, output);
        Map<String, String> labels = UserLabels.of(action.record().getLabelsMap(), Json.object(ownConfig, "Labels"));
        labels.putAll(ofNerdctl);
        labels.putAll(plan.labels(Role.TARGET));
        labels.put(WaitdaemonLabels.OUTPUT, output.folder().toString());
        Map<String, String> hostFiles = HostFiles.contents(
                process.root(), spec.hostFiles(), action.spec().hostname(), spec.hostname(target));
        JsonObject json = spec.derive(target, network, ofNerdctl, output.folder());
        // behind a terminal, nobody reads the output before the container is there
        boolean terminal = Json.isTrue(Json.object(json, "process"), "terminal");
        String preparation = terminal ? output.preparation(hostFiles) : "";
        return draft(target, image.name(), labels, json, image.chainId(), output.uri(hostFiles), preparation);
    }

    Draft waiter(ContainerId waiter, ContainerId target) {
        WaiterAccess access =
                WaiterAccess.of(way, action, waiter, output(target).folder());
        Network network = access.onNetwork() ? network() : new Network.None();
        OutputFolder output = output(waiter);
        Map<String, String> ofNerdctl = nerdctlLabels(waiter, Role.WAITER, waiter.shortForm(), network, output);
        Map<String, String> labels = new LinkedHashMap<>(ofNerdctl);
        labels.putAll(plan.labels(Role.WAITER));
        labels.put(WaitdaemonLabels.OUTPUT, output.folder().toString());
        String order =
                plan.order(ContainerdProvider.NAME, access.words(), target).toJson();
        JsonObject json =
                new WaiterSpec(action, plan, ownConfig).make(waiter, order, access.binds(), network, ofNerdctl);
        String ownImage = action.record().getImage();
        return draft(waiter, ownImage, labels, json, ownChainId(), output.uri(), "");
    }

    private Draft draft(
            ContainerId id,
            String image,
            Map<String, String> labels,
            JsonObject spec,
            String parent,
            String outputUri,
            String preparation) {
        if (parent.isEmpty()) {
            throw new EngineException(
                    Kind.REFUSED, "the image \"" + image + "\" has no layers, so nothing can run in it");
        }
        Container record = Container.newBuilder()
                .setId(id.value())
                .setImage(image)
                .putAllLabels(labels)
                .setRuntime(action.record().getRuntime())
                .setSnapshotter(action.record().getSnapshotter())
                .setSnapshotKey(id.value())
                .setSpec(ContainerCreation.spec(spec))
                .build();
        return new Draft(record, spec, parent, outputUri, preparation);
    }

    /** By the action's own snapshot: its image may have been removed or replaced by another one of the same name. */
    private String ownChainId() {
        return namespace
                .snapshot(action.record().getSnapshotter(), action.record().getSnapshotKey())
                .map(StatSnapshotResponse.Info::getParent)
                .orElseThrow(() -> new EngineException(
                        Kind.REFUSED,
                        "containerd has no snapshot of this container, so no waiter can be made like it"));
    }

    private Network network() {
        return Network.of(action, process.connected(), files);
    }

    private OutputFolder output(ContainerId container) {
        return endpoint.outputFolder()
                .map(parent -> OutputFolder.plain(parent, container))
                .orElseGet(() -> OutputFolder.of(nerdctl, address, action.namespace(), container));
    }

    private Map<String, String> nerdctlLabels(
            ContainerId container, Role role, String hostname, Network network, OutputFolder output) {
        List<String> networks = network.names();
        return nerdctl.labels(
                action.namespace(), container, plan.name(role), hostname, networks, Platform.own(), output.uri());
    }
}
