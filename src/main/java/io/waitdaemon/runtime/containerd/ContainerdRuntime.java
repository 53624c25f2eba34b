package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.RegistryLogin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The handoff's side of containerd: all that it makes is in the action's own namespace. */
final class ContainerdRuntime implements ContainerRuntime {

    private final ContainerdApi api;
    private final ContainerdNamespace namespace;
    private final OwnContainer action;
    private final EngineWay way;
    private final Endpoints endpoints;
    private final OwnProcess process;
    private final EngineFiles files;
    private final ImageStore images;

    ContainerdRuntime(
            ContainerdApi api,
            ContainerdNamespace namespace,
            OwnContainer action,
            EngineWay way,
            Endpoints endpoints,
            OwnProcess process) {
        this.api = api;
        this.namespace = namespace;
        this.action = action;
        this.way = way;
        this.endpoints = endpoints;
        this.process = process;
        this.files = new EngineFiles(action, new HostRoot(process.proc()), way.reachedSocket());
        this.images = new ImageStore(namespace, Platform.own());
    }

    @Override
    public boolean hasImage(ImageReference image) {
        return images.find(image)
                .flatMap(found -> namespace.snapshot(action.record().getSnapshotter(), found.chainId()))
                .isPresent();
    }

    @Override
    public void pull(ImageReference image, Optional<Credentials> credentials, Consumer<String> progress) {
        Optional<RegistryLogin> login =
                RegistryLogin.find(image, credentials, endpoints.docker().configFolder());
        new TransferPull(namespace, image, action.record().getSnapshotter(), Platform.own(), progress).run(login);
        if (!hasImage(image)) {
            throw new EngineException(
                    Kind.REFUSED,
                    "containerd has pulled it but has no snapshot of it for " + Platform.own()
                            + ", so it was most likely made for other platforms only");
        }
    }

    @Override
    public List<String> clearEarlierTry() {
        return EarlierTry.clear(new ContainerdRemains(namespace, action.name()));
    }

    @Override
    public ContainerId createTarget(HandoffPlan plan) {
        return drafts(plan).target(ContainerIds.random()).create(namespace);
    }

    @Override
    public ContainerId createWaiter(HandoffPlan plan, ContainerId target) {
        return drafts(plan).waiter(ContainerIds.random(), target).create(namespace);
    }

    @Override
    public void startWaiter(ContainerId waiter, Duration limit) {
        new WaiterStart(namespace, waiter, files).run(limit);
    }

    @Override
    public void remove(ContainerId container) {
        new Removal(namespace).remove(container);
    }

    @Override
    public List<String> describe(HandoffPlan plan) {
        Drafts drafts = drafts(plan);
        ContainerId target = ContainerIds.random();
        return List.of(
                drafts.target(target).masked(),
                drafts.waiter(ContainerIds.random(), target).masked());
    }

    @Override
    public void close() {
        api.close();
    }

    private Drafts drafts(HandoffPlan plan) {
        return new Drafts(namespace, images, action, plan, way, endpoints.containerd(), process, files);
    }
}
