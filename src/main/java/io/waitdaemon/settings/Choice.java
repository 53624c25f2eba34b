package io.waitdaemon.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Values of which only a few words are allowed; written in lower case. */
final class Choice {

    private Choice() {}

    /** A reader of the constants of an enum. It throws IllegalArgumentException with the list of what is allowed. */
    static <E extends Enum<E>> Function<String, E> of(Class<E> type) {
        return text -> Arrays.stream(type.getEnumConstants())
                .filter(constant -> word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(Choice::word)
                                .collect(Collectors.joining(", "))));
    }

    static boolean bool(String text) {
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException("true, 1, false or 0");
        };
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
