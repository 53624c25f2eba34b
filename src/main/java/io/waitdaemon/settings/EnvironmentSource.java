package io.waitdaemon.settings;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * The part of the environment that is waitdaemon's, as configuration properties. The action's environment is the
 * target's too, so no other variable of it may be seen by Quarkus, and a value is taken as it is: the
 * expansion of <code>${...}</code> is switched off for all of the configuration (MicroProfile Config, "Property
 * Expressions").
 */
final class EnvironmentSource implements ConfigSource {

    private static final int ORDINAL_OF_THE_ENVIRONMENT = 300;

    private final Map<String, String> properties = new HashMap<>();

    EnvironmentSource(Map<String, String> environment) {
        for (Variable variable : Variable.values()) {
            variable.names()
                    .map(environment::get)
                    .filter(value -> value != null && !value.isEmpty())
                    .findFirst()
                    .ifPresent(value -> properties.put(variable.property(), value));
        }
        properties.put("mp.config.property.expressions.enabled", "false");
        properties.put(
                "quarkus.log.console.json.additional-field.\"phase\".value",
                environment.containsKey(Variable.IMAGE.name()) ? "handoff" : "launch");
        if ("text".equals(environment.get(Variable.WAITDAEMON_LOG_FORMAT.name()))) {
            properties.put("quarkus.log.console.json.enabled", "false");
        }
    }

    @Override
    public int getOrdinal() {
        return ORDINAL_OF_THE_ENVIRONMENT;
    }

    @Override
    public Set<String> getPropertyNames() {
        return properties.keySet();
    }

    @Override
    public @Nullable String getValue(String name) {
        return properties.get(name);
    }

    @Override
    public String getName() {
        return "waitdaemon's part of the environment";
    }
}
