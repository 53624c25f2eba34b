package io.waitdaemon.runtime.docker;

import java.util.List;

/** Links on the default bridge: inspected as {@code /redis:/action/alias}, requested as {@code redis:alias}. */
final class LegacyLinks {

    private LegacyLinks() {}

    static List<String> asRequested(List<String> inspected) {
        return inspected.stream()
                .map(link -> {
                    int colon = link.indexOf(':');
                    String alias = link.substring(link.lastIndexOf('/') + 1);
                    return link.substring(1, colon) + ":" + alias;
                })
                .toList();
    }
}
