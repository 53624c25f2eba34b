package io.waitdaemon.settings;

import java.util.List;

/** The environment cannot be used. The message is one line that names every variable with a problem. */
public final class InvalidSettings extends RuntimeException {

    InvalidSettings(List<String> problems) {
        super(
                problems.size() == 1
                        ? problems.getFirst() + "."
                        : "There are " + problems.size() + " problems: " + String.join(". ", problems) + ".");
    }
}
