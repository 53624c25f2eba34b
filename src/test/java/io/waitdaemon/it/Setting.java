package io.waitdaemon.it;

import java.util.List;
import java.util.Map;

/**
 * Something that a user can say of a container.
 *
 * @param flags of {@code docker create}
 * @param inTarget where it shows in {@link UserSettings}, and how
 */
record Setting(String name, List<String> flags, Map<String, String> inTarget) {

    Setting {
        flags = List.copyOf(flags);
        inTarget = Map.copyOf(inTarget);
    }

    static List<String> flags(String... words) {
        return List.of(words);
    }

    @Override
    public String toString() {
        return name;
    }
}
