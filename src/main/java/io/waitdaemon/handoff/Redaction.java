package io.waitdaemon.handoff;

import io.waitdaemon.container.Credentials;
import io.waitdaemon.runtime.EngineException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes secrets out of the words of engines and registries, which quote what they were given: values of the action's
 * environment, the registry password, and what URLs carry besides their path.
 */
final class Redaction {

    private static final String MASK = "***";

    /** Shorter values (yes, eth0, 8080) are no secrets, and masking them would make messages unreadable. */
    private static final int SHORTEST_SECRET = 6;

    private static final Pattern URL_USER = Pattern.compile("(?<=://)[^/@\\s\"]+@");
    private static final Pattern URL_QUERY = Pattern.compile("(https?://[^\\s?\"]+)\\?[^\\s\"]*[^\\s\":,;.]");
    private static final Pattern TOKEN = Pattern.compile("(?i)\\b(bearer|basic) [a-z0-9._~+/=-]{6,}");

    private final List<String> secrets = new ArrayList<>();

    /**
     * @param environment {@code NAME=value} entries
     * @param harmless values that may be shown although they are in the environment
     */
    Redaction(List<String> environment, List<String> harmless, Optional<Credentials> credentials) {
        credentials.map(Credentials::password).ifPresent(secrets::add);
        environment.stream()
                .map(entry -> entry.substring(entry.indexOf('=') + 1))
                .flatMap(Redaction::forms)
                .filter(value -> value.length() >= SHORTEST_SECRET
                        && harmless.stream().noneMatch(shown -> shown.contains(value)))
                .distinct()
                .forEach(secrets::add);
        secrets.sort(Comparator.comparingInt(String::length).reversed());
    }

    /** A value as it is, as Go and JSON quote it, and each of its lines, since output is looked at line by line. */
    private static Stream<String> forms(String value) {
        String quoted = value.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
        return Stream.concat(Stream.of(value, quoted), value.lines().map(String::strip));
    }

    /** The same failure in words that may be logged. */
    EngineException apply(EngineException failure) {
        return new EngineException(failure.kind(), apply(failure.getMessage()), failure);
    }

    String apply(String message) {
        String redacted = message;
        for (String secret : secrets) {
            redacted = redacted.replace(secret, MASK);
        }
        redacted = URL_USER.matcher(redacted).replaceAll(MASK + "@");
        redacted = URL_QUERY.matcher(redacted).replaceAll("$1?" + MASK);
        return TOKEN.matcher(redacted).replaceAll("$1 " + MASK);
    }
}
