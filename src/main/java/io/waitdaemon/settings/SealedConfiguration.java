package io.waitdaemon.settings;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilderCustomizer;

/**
 * Keeps the user's environment, system properties, {@code .env} files and {@code config/} folders out of Quarkus'
 * configuration: in a container they belong to the target. Sealed by the main method of a packaged program only: the
 * build, the tests and the dev mode are configured by Quarkus' own sources.
 */
@StaticInitSafe
public final class SealedConfiguration implements SmallRyeConfigBuilderCustomizer {

    private static volatile boolean sealed;

    /** From now on configuration comes from {@link EnvironmentSource} and what was built in, from nowhere else. */
    public static void seal() {
        sealed = true;
    }

    @Override
    public void configBuilder(SmallRyeConfigBuilder builder) {
        if (sealed) {
            builder.setAddDefaultSources(false);
            builder.withSources(new EnvironmentSource(System.getenv()));
        }
    }

    /** Last of all customizers, so that nothing is added behind it. */
    @Override
    public int priority() {
        return Integer.MAX_VALUE;
    }
}
