package io.waitdaemon.settings;

import io.waitdaemon.container.OwnVariables;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The environment variables that waitdaemon reads (SPEC §3); nothing else in the environment has any effect. */
enum Variable {
    IMAGE,
    WAIT_SECONDS,
    CONTAINER_RUNTIME,
    CONTAINERD_NAMESPACE("NERDCTL_NAMESPACE"),
    NSENTER_HOST("NERDCTL_HOST"),
    DOCKER_HOST,
    DOCKER_TLS_VERIFY,
    DOCKER_CERT_PATH,
    DOCKER_CONFIG,
    CONTAINERD_ADDRESS("WFE_CONTAINERD_ADDR"),
    CONTAINERD_TLS_CA,
    CONTAINERD_TLS_CERT,
    CONTAINERD_TLS_KEY,
    CONTAINERD_IO_DIR("WFE_IO_DIR"),
    WAITDAEMON_REGISTRY_USERNAME,
    WAITDAEMON_REGISTRY_PASSWORD,
    WAITDAEMON_PULL_POLICY,
    WAITDAEMON_JITTER_SECONDS,
    WAITDAEMON_DRY_RUN,
    WAITDAEMON_LOG_FORMAT;

    private final @Nullable String alias;

    Variable() {
        this.alias = null;
    }

    Variable(String alias) {
        this.alias = alias;
    }

    /** The variable's own name first, then its alias where it has one. */
    Stream<String> names() {
        return Stream.of(name(), alias).filter(Objects::nonNull);
    }

    /** For a message: the name, and the alias that the user may have written instead. */
    String shown() {
        return alias == null ? name() : name() + " (alias " + alias + ")";
    }

    /** Whether its value is for waitdaemon's eyes only. */
    private boolean secret() {
        return this == WAITDAEMON_REGISTRY_USERNAME || this == WAITDAEMON_REGISTRY_PASSWORD;
    }

    /** Whether an entry {@code NAME=value} sets one of the variables whose values steer waitdaemon and are no secrets. */
    static boolean steers(String entry) {
        return Arrays.stream(values())
                .filter(variable -> !variable.secret())
                .flatMap(Variable::names)
                .anyMatch(name -> entry.startsWith(name + "="));
    }

    /** The key under which {@link SettingsMapping} finds the value: {@code waitdaemon.pull-policy} and the like. */
    String property() {
        String name = OwnVariables.isOwn(name()) ? name().substring(OwnVariables.PREFIX.length()) : name();
        return SettingsMapping.PREFIX + "." + name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The names in the environment that begin as ours do and that this version does not know, sorted. */
    static List<String> unknownIn(Map<String, String> environment) {
        List<String> known = Arrays.stream(values()).map(Enum::name).toList();
        return environment.keySet().stream()
                .filter(name -> OwnVariables.isOwn(name) && !known.contains(name))
                .sorted()
                .toList();
    }
}
