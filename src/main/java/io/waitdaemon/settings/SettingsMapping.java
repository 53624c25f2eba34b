package io.waitdaemon.settings;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/**
 * The raw texts of the settings, as SmallRye Config hands them over. All are optional strings: what is missing or
 * cannot be read is for {@link Settings} to say, in one message and with an exit code of its own. An empty value counts
 * as unset.
 */
@ConfigMapping(prefix = SettingsMapping.PREFIX)
public interface SettingsMapping {

    String PREFIX = "waitdaemon";

    Optional<String> image();

    Optional<String> waitSeconds();

    Optional<String> containerRuntime();

    Optional<String> containerdNamespace();

    Optional<String> nsenterHost();

    Optional<String> dockerHost();

    Optional<String> dockerTlsVerify();

    Optional<String> dockerCertPath();

    Optional<String> dockerConfig();

    Optional<String> containerdAddress();

    Optional<String> containerdTlsCa();

    Optional<String> containerdTlsCert();

    Optional<String> containerdTlsKey();

    Optional<String> containerdIoDir();

    Optional<String> registryUsername();

    Optional<String> registryPassword();

    Optional<String> pullPolicy();

    Optional<String> jitterSeconds();

    Optional<String> dryRun();

    Optional<String> logFormat();
}
