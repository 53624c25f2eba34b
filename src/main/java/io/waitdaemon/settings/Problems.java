package io.waitdaemon.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Gathers what is wrong, so that all of it is reported at once. */
final class Problems {

    private final List<String> found = new ArrayList<>();

    /** The value read, or empty when it is unset or its reader refused it. */
    <T> Optional<T> read(Variable variable, Optional<String> text, Function<String, T> reader) {
        return text.flatMap(value -> {
            try {
                return Optional.of(reader.apply(value));
            } catch (IllegalArgumentException e) {
                add(variable, value, String.valueOf(e.getMessage()));
                return Optional.empty();
            }
        });
    }

    void add(Variable variable, String value, String allowed) {
        found.add(variable.shown() + " is \"" + shown(value) + "\"; allowed: " + allowed);
    }

    void missing(Variable variable, String allowed) {
        found.add(variable + " is missing or empty; allowed: " + allowed);
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new InvalidSettings(found);
        }
    }

    /** On one line, and without the user information that a URL may carry. */
    private static String shown(String value) {
        return value.replaceAll("//.*@(?!sha256:)", "//***@")
                .replace("\r", "\\r")
                .replace("\n", "\\n");
    }
}
