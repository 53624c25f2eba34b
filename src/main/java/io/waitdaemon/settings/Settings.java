package io.waitdaemon.settings;

import io.waitdaemon.container.ContainerdEndpoint;
import io.waitdaemon.container.Credentials;
import io.waitdaemon.container.DockerEndpoint;
import io.waitdaemon.container.Endpoints;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.NerdctlChoice;
import io.waitdaemon.container.PullPolicy;
import io.waitdaemon.container.TlsFiles;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator asked for (SPEC §3), checked as a whole.
 *
 * @param image the target's image
 * @param delay time between the end of the action container and the start of the target, never negative
 * @param jitter upper bound of the random time that is added to the delay, zero for none
 * @param runtime which runtime to use, {@link RuntimeChoice#AUTO} unless said otherwise
 * @param credentials for pulling the image; take precedence over those in Docker's config.json
 * @param dryRun print the plan and create nothing
 */
public record Settings(
        ImageReference image,
        Duration delay,
        Duration jitter,
        RuntimeChoice runtime,
        Endpoints endpoints,
        PullPolicy pullPolicy,
        Optional<Credentials> credentials,
        boolean dryRun,
        LogFormat logFormat) {

    private static final Duration DEFAULT_DELAY = Duration.ofSeconds(10);
    private static final Path DEFAULT_DOCKER_CONFIG = Path.of("/root/.docker");

    /** Whether this process is an action at all: IMAGE is set, be it to a value that cannot be used. */
    public static boolean isAction(SettingsMapping raw, Map<String, String> environment) {
        return raw.image().isPresent() || environment.containsKey(Variable.IMAGE.name());
    }

    /** What in the environment looks like a mistake and has no effect, a line each. */
    public static List<String> warnings(Map<String, String> environment) {
        return Variable.unknownIn(environment).stream()
                .map(name ->
                        name + " is not known to this version of waitdaemon and has no effect. Check its spelling.")
                .toList();
    }

    /** The {@code NAME=value} entries that are not to be shown: all but those that are read here and hold no credentials. */
    public static List<String> confidential(List<String> environment) {
        return environment.stream().filter(entry -> !Variable.steers(entry)).toList();
    }

    /**
     * Reads every setting, also those behind a bad one.
     *
     * @throws InvalidSettings naming every variable that cannot be used
     */
    public static Settings parse(SettingsMapping raw) {
        Problems problems = new Problems();
        Optional<ImageReference> image = problems.read(Variable.IMAGE, raw.image(), ImageReference::parse);
        if (raw.image().isEmpty()) {
            problems.missing(Variable.IMAGE, "the image reference of the target, such as alpine:3.22");
        }
        Duration delay = problems.read(Variable.WAIT_SECONDS, raw.waitSeconds(), DurationText::parse)
                .orElse(DEFAULT_DELAY);
        Duration jitter = problems.read(Variable.WAITDAEMON_JITTER_SECONDS, raw.jitterSeconds(), DurationText::parse)
                .orElse(Duration.ZERO);
        RuntimeChoice runtime = problems.read(
                        Variable.CONTAINER_RUNTIME, raw.containerRuntime(), Choice.of(RuntimeChoice.class))
                .orElse(RuntimeChoice.AUTO);
        PullPolicy pullPolicy = problems.read(
                        Variable.WAITDAEMON_PULL_POLICY, raw.pullPolicy(), Choice.of(PullPolicy.class))
                .orElse(PullPolicy.MISSING);
        LogFormat logFormat = problems.read(Variable.WAITDAEMON_LOG_FORMAT, raw.logFormat(), Choice.of(LogFormat.class))
                .orElse(LogFormat.JSON);
        boolean dryRun = problems.read(Variable.WAITDAEMON_DRY_RUN, raw.dryRun(), Choice::bool)
                .orElse(false);
        Endpoints endpoints = new Endpoints(
                dockerEndpoint(raw, problems), containerdEndpoint(raw, problems), nerdctlChoice(raw, problems));
        Optional<Credentials> credentials = credentials(raw, problems);
        problems.throwIfAny();
        return new Settings(
                image.orElseThrow(), delay, jitter, runtime, endpoints, pullPolicy, credentials, dryRun, logFormat);
    }

    private static DockerEndpoint dockerEndpoint(SettingsMapping raw, Problems problems) {
        Optional<URI> host = problems.read(Variable.DOCKER_HOST, raw.dockerHost(), AddressText::docker);
        Path config = raw.dockerConfig().map(Path::of).orElse(DEFAULT_DOCKER_CONFIG);
        Optional<Path> certificates = Optional.empty();
        if (raw.dockerTlsVerify().isPresent()) {
            Path folder = raw.dockerCertPath().map(Path::of).orElse(config);
            for (String file : new String[] {"ca.pem", "cert.pem", "key.pem"}) {
                if (!Files.isReadable(folder.resolve(file))) {
                    problems.add(
                            Variable.DOCKER_CERT_PATH,
                            folder.toString(),
                            "a folder with readable files ca.pem, cert.pem and key.pem, since DOCKER_TLS_VERIFY is set ("
                                    + file + " is not there)");
                }
            }
            certificates = Optional.of(folder);
        }
        return new DockerEndpoint(host, certificates, config);
    }

    private static NerdctlChoice nerdctlChoice(SettingsMapping raw, Problems problems) {
        return problems.read(Variable.NSENTER_HOST, raw.nsenterHost(), Choice::bool)
                .map(onHost -> onHost ? NerdctlChoice.HOST : NerdctlChoice.BUNDLED)
                .orElse(NerdctlChoice.EITHER);
    }

    private static Optional<Credentials> credentials(SettingsMapping raw, Problems problems) {
        if (raw.registryPassword().isPresent() && raw.registryUsername().isEmpty()) {
            problems.missing(
                    Variable.WAITDAEMON_REGISTRY_USERNAME, "the user name that goes with WAITDAEMON_REGISTRY_PASSWORD");
        }
        if (raw.registryUsername().isPresent() && raw.registryPassword().isEmpty()) {
            problems.missing(
                    Variable.WAITDAEMON_REGISTRY_PASSWORD,
                    "the password or token that goes with WAITDAEMON_REGISTRY_USERNAME");
        }
        return raw.registryUsername()
                .flatMap(user -> raw.registryPassword().map(password -> new Credentials(user, password)));
    }

    private static ContainerdEndpoint containerdEndpoint(SettingsMapping raw, Problems problems) {
        Optional<URI> address =
                problems.read(Variable.CONTAINERD_ADDRESS, raw.containerdAddress(), AddressText::containerd);
        String namespace = problems.read(
                        Variable.CONTAINERD_NAMESPACE, raw.containerdNamespace(), AddressText::namespace)
                .orElse(ContainerdEndpoint.DEFAULT_NAMESPACE);
        TlsFiles tls = new TlsFiles(
                problems.read(Variable.CONTAINERD_TLS_CA, raw.containerdTlsCa(), AddressText::readableFile),
                problems.read(Variable.CONTAINERD_TLS_CERT, raw.containerdTlsCert(), AddressText::readableFile),
                problems.read(Variable.CONTAINERD_TLS_KEY, raw.containerdTlsKey(), AddressText::readableFile));
        if (raw.containerdTlsCert().isPresent() && raw.containerdTlsKey().isEmpty()) {
            problems.missing(Variable.CONTAINERD_TLS_KEY, "the key that goes with CONTAINERD_TLS_CERT");
        }
        if (raw.containerdTlsKey().isPresent() && raw.containerdTlsCert().isEmpty()) {
            problems.missing(Variable.CONTAINERD_TLS_CERT, "the certificate that goes with CONTAINERD_TLS_KEY");
        }
        Optional<Path> outputFolder =
                problems.read(Variable.CONTAINERD_IO_DIR, raw.containerdIoDir(), AddressText::absolutePath);
        return new ContainerdEndpoint(address, namespace, tls, outputFolder);
    }
}
