package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EarlierTry;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.HostRoot;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.RegistryLogin;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The handoff's side of nerdctl: all that it makes is in the action's own namespace. */
final class NerdctlRuntime implements ContainerRuntime {

    private static final Logger LOG = Logger.getLogger(NerdctlRuntime.class);
    private static final Duration CREATION_LIMIT = Duration.ofMinutes(2);

    private final Nerdctl nerdctl;
    private final String namespace;
    private final NativeContainer action;
    private final Endpoints endpoints;
    private final OwnProcess process;
    private final NerdctlImages images;
    private @Nullable JsonObject ownImage;

    /**
     * @param nerdctl in the action's namespace
     * @param namespace of containerd, the action's
     */
    NerdctlRuntime(Nerdctl nerdctl, String namespace, NativeContainer action, Endpoints endpoints, OwnProcess process) {
        String snapshotter = action.snapshotter();
        this.nerdctl = snapshotter.isEmpty() ? nerdctl : nerdctl.with("--snapshotter=" + snapshotter);
        this.namespace = namespace;
        this.action = action;
        this.endpoints = endpoints;
        this.process = process;
        this.images = new NerdctlImages(this.nerdctl);
    }

    @Override
    public boolean hasImage(ImageReference image) {
        return images.find(image.fullName()).isPresent();
    }

    @Override
    public void pull(ImageReference image, Optional<Credentials> credentials, Consumer<String> progress) {
        Optional<RegistryLogin> login =
                RegistryLogin.find(image, credentials, endpoints.docker().configFolder());
        new NerdctlPull(nerdctl, image, progress).run(login);
    }

    @Override
    public List<String> clearEarlierTry() {
        return EarlierTry.clear(new NerdctlRemains(
                nerdctl, new Lifecycle(nerdctl.place(), new HostRoot(process.proc())), action.name()));
    }

    @Override
    public ContainerId createTarget(HandoffPlan plan) {
        if (nerdctl.place() == Place.BUNDLED) {
            requireDataRoot();
        }
        try (HandedFiles files = new HandedFiles(nerdctl.place())) {
            TargetCall target = targetCall(plan, files);
            target.losses()
                    .forEach(loss -> LOG.warnf(
                            "The target does not get %s: nerdctl has no option for it. If it matters, use"
                                    + " CONTAINER_RUNTIME=containerd.",
                            loss));
            return create(target.call(), plan.name(Role.TARGET));
        }
    }

    @Override
    public ContainerId createWaiter(HandoffPlan plan, ContainerId target) {
        if (nerdctl.place() == Place.HOST) {
            LOG.info(
                    "The waiter sees the host's processes and may enter their namespaces (pid host, SYS_ADMIN, SYS_CHROOT,"
                            + " SYS_PTRACE), which running the host's nerdctl takes.");
        }
        return create(waiterCall(plan, target), plan.name(Role.WAITER));
    }

    @Override
    public void startWaiter(ContainerId waiter, Duration limit) {
        WaiterStart start = new WaiterStart(nerdctl, waiter);
        start.awaitNote(begin(start), limit);
    }

    /** Never beside a removal: nerdctl does not keep the two apart, and would go on starting what is gone. */
    private synchronized String begin(WaiterStart start) {
        return start.begin();
    }

    @Override
    public synchronized void remove(ContainerId container) {
        NerdctlRemains.remove(nerdctl, container);
    }

    @Override
    public List<String> describe(HandoffPlan plan) {
        try (HandedFiles files = new HandedFiles(nerdctl.place())) {
            TargetCall target = targetCall(plan, files);
            NerdctlCall waiter = waiterCall(plan, new ContainerId("the-target-to-be-created"));
            return List.of(
                    described(target.call(), target.environment().masked(), target.losses()),
                    described(waiter, List.of(), List.of()));
        }
    }

    /** There is nothing to close: every call is a process of its own. */
    @Override
    public void close() {}

    private String described(NerdctlCall call, List<String> environment, List<String> losses) {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("command", Json.strings(nerdctl.line(call)))
                .add("environment", Json.strings(environment))
                .add("leftOut", Json.strings(losses))
                .build()
                .toString();
    }

    private ContainerId create(NerdctlCall call, String name) {
        try {
            String output = nerdctl.run(call.within(CREATION_LIMIT));
            return output.lines()
                    .filter(line -> line.matches("[0-9a-f]{64}"))
                    .reduce((first, last) -> last)
                    .map(ContainerId::new)
                    .orElseThrow(() -> new EngineException(
                            Kind.REFUSED, "nerdctl did not say what it created: \"" + output.strip() + "\""));
        } catch (EngineException e) {
            if (e.kind() == Kind.UNAVAILABLE) {
                removeUnanswered(name, e);
            }
            throw advised(e);
        }
    }

    /** What nerdctl keeps of a container is read by the hooks that the engine runs on its own side. */
    private void requireDataRoot() {
        Path folder = WaiterCall.DATA_ROOT;
        if (action.spec().source(folder).filter(folder::equals).isEmpty()) {
            throw new EngineException(
                    Kind.REFUSED,
                    "nerdctl in this image needs " + folder
                            + " of the host at the same path, and it is not mounted there;"
                            + " mount it (volumes: " + folder + ":" + folder
                            + "), and /var/lib/containerd, /opt/cni/bin"
                            + " and /etc/cni/net.d likewise");
        }
    }

    /** To see what an image has, nerdctl mounts it. */
    private EngineException advised(EngineException failure) {
        return nerdctl.place() == Place.BUNDLED && failure.getMessage().contains("failed to mount")
                ? new EngineException(
                        failure.kind(),
                        failure.getMessage()
                                + ". nerdctl in this image takes a privileged action, and /var/lib/containerd of"
                                + " the host mounted at the same path",
                        failure)
                : failure;
    }

    /** A nerdctl that did not come to its end may have made the container all the same. */
    private void removeUnanswered(String name, EngineException failure) {
        try {
            remove(new ContainerId(name));
        } catch (EngineException e) {
            failure.addSuppressed(e);
        }
    }

    private TargetCall targetCall(HandoffPlan plan, HandedFiles files) {
        JsonObject ownConfig = NerdctlImages.config(ownImage());
        return TargetCall.of(action, namespace, ownConfig, plan, nerdctl.place(), process, files);
    }

    private NerdctlCall waiterCall(HandoffPlan plan, ContainerId target) {
        String address =
                endpoints.containerd().address().map(java.net.URI::getPath).orElse("");
        return WaiterCall.of(action, namespace, NerdctlImages.id(ownImage()), plan, nerdctl.place(), address, target);
    }

    /** Target and waiter are both made with a look at it, and a look is a process of its own. */
    private JsonObject ownImage() {
        JsonObject known = ownImage;
        if (known == null) {
            known = images.find(action.image())
                    .orElseThrow(
                            () -> new EngineException(
                                    Kind.REFUSED,
                                    "the image \"" + action.image()
                                            + "\" of this container has been removed, so no waiter can be made of it; pull it again"));
            ownImage = known;
        }
        return known;
    }
}
