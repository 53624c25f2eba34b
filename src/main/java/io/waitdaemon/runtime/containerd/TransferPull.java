package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.RegistryFailure;
import io.waitdaemon.runtime.RegistryLogin;
import io.waitdaemon.runtime.containerd.api.AuthRequest;
import io.waitdaemon.runtime.containerd.api.AuthResponse;
import io.waitdaemon.runtime.containerd.api.AuthType;
import io.waitdaemon.runtime.containerd.api.OCIRegistry;
import io.waitdaemon.runtime.containerd.api.Progress;
import io.waitdaemon.runtime.containerd.api.RegistryResolver;
import io.waitdaemon.runtime.containerd.api.TransferOptions;
import io.waitdaemon.runtime.containerd.api.TransferRequest;
import io.waitdaemon.runtime.containerd.api.UnpackConfiguration;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One pull by containerd's Transfer service, which it has from 1.7 on: containerd itself talks to the registry, from 2.0
 * on by what it finds in {@value #HOSTS_FOLDER} on its own machine, and unpacks what it gets.
 */
final class TransferPull {

    /** Where Tinkerbell's agent and CaptainOS keep the hosts.toml files; a folder that is not there does no harm. */
    static final String HOSTS_FOLDER = "/etc/containerd/certs.d";

    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final long REPORT_EVERY = Duration.ofSeconds(3).toNanos();
    private static final double MEGABYTE = 1e6;
    private static final String TYPES = "containerd.types.transfer.";
    private static final String DOCKER_HUB = "docker.io";

    private final ContainerdNamespace namespace;
    private final ImageReference image;
    private final String snapshotter;
    private final Platform platform;
    private final Consumer<String> listener;
    private final Map<String, Progress> layers = new ConcurrentHashMap<>();
    private final AtomicLong lastReport = new AtomicLong(System.nanoTime());

    TransferPull(
            ContainerdNamespace namespace,
            ImageReference image,
            String snapshotter,
            Platform platform,
            Consumer<String> listener) {
        this.namespace = namespace;
        this.image = image;
        this.snapshotter = snapshotter;
        this.platform = platform;
        this.listener = listener;
    }

    /** Pulls and unpacks; whether it is unpacked for this platform is for the caller to look at. */
    void run(Optional<RegistryLogin> login) {
        try (TransferStream progress = namespace.transferStream();
                TransferStream questions = namespace.transferStream()) {
            RegistryResolver.Builder resolver = RegistryResolver.newBuilder().setHostDir(HOSTS_FOLDER);
            String progressId = progress.open(this::hear);
            if (login.isPresent()) {
                AuthResponse credentials = credentials(login.get());
                resolver.setAuthStream(questions.open(question -> questions.send(
                        TypedAny.of(TYPES + "AuthResponse", isForRegistry(question) ? credentials : nothing()))));
            }
            namespace.transfer(request(resolver, progressId), LONGEST);
        } catch (EngineException e) {
            throw explained(e);
        }
    }

    private TransferRequest request(RegistryResolver.Builder resolver, String progressId) {
        String name = image.fullName();
        io.waitdaemon.runtime.containerd.api.Platform wanted =
                io.waitdaemon.runtime.containerd.api.Platform.newBuilder()
                        .setOs(platform.os())
                        .setArchitecture(platform.architecture())
                        .build();
        OCIRegistry source = OCIRegistry.newBuilder()
                .setReference(name)
                .setResolver(resolver)
                .build();
        io.waitdaemon.runtime.containerd.api.ImageStore destination =
                io.waitdaemon.runtime.containerd.api.ImageStore.newBuilder()
                        .setName(name)
                        .addPlatforms(wanted)
                        .addUnpacks(UnpackConfiguration.newBuilder()
                                .setPlatform(wanted)
                                .setSnapshotter(snapshotter))
                        .build();
        return TransferRequest.newBuilder()
                .setSource(TypedAny.of(TYPES + "OCIRegistry", source))
                .setDestination(TypedAny.of(TYPES + "ImageStore", destination))
                .setOptions(TransferOptions.newBuilder().setProgressStream(progressId))
                .build();
    }

    /** The credentials are the registry's: a mirror that asks for some gets none. */
    private boolean isForRegistry(Any question) {
        try {
            String host = AuthRequest.parseFrom(question.getValue()).getHost();
            return host.equals(image.registry())
                    || (image.registry().equals(DOCKER_HUB) && host.endsWith("." + DOCKER_HUB));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("containerd asks for credentials in another form than is known", e);
        }
    }

    /** containerd takes a secret without a user name for a token (core/remotes/docker, 2.1). */
    private static AuthResponse credentials(RegistryLogin login) {
        Credentials credentials =
                switch (login) {
                    case RegistryLogin.Password password -> password.credentials();
                    case RegistryLogin.IdentityToken identity -> new Credentials("", identity.token());
                };
        return AuthResponse.newBuilder()
                .setAuthType(AuthType.CREDENTIALS)
                .setUsername(credentials.username())
                .setSecret(credentials.password())
                .build();
    }

    private static AuthResponse nothing() {
        return AuthResponse.newBuilder().setAuthType(AuthType.NONE).build();
    }

    private void hear(Any message) {
        try {
            Progress progress = Progress.parseFrom(message.getValue());
            if (progress.getTotal() > 0) {
                layers.put(progress.getName(), progress);
                report();
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("containerd reports progress in another form than is known", e);
        }
    }

    private void report() {
        long now = System.nanoTime();
        long last = lastReport.get();
        if (now - last < REPORT_EVERY || !lastReport.compareAndSet(last, now)) {
            return;
        }
        long done = layers.values().stream().mapToLong(Progress::getProgress).sum();
        long total = layers.values().stream().mapToLong(Progress::getTotal).sum();
        listener.accept("Pulling \"%s\": %.1f of %.1f MB.".formatted(image, done / MEGABYTE, total / MEGABYTE));
    }

    private static EngineException explained(EngineException e) {
        return switch (e.kind()) {
            // what is not found is the tag or the repository: the services were there
            case NOT_FOUND -> new EngineException(Kind.REFUSED, e.getMessage(), e);
            case UNAVAILABLE, CUT_OFF -> e;
            case REFUSED ->
                unknownService(e)
                        ? new EngineException(
                                Kind.REFUSED,
                                "this containerd is older than 1.7 and cannot pull by itself. Have the image there before:"
                                        + " nerdctl or ctr pull it, or a Tinkerbell action that uses it runs first",
                                e)
                        : new EngineException(
                                RegistryFailure.kind(Kind.UNAVAILABLE, e.getMessage()), e.getMessage(), e);
        };
    }

    private static boolean unknownService(EngineException e) {
        return e.getMessage().contains("unknown service");
    }
}
