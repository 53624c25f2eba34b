package io.waitdaemon.runtime.nerdctl;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One run of nerdctl.
 *
 * @param arguments nerdctl's own, without the global ones; everybody on the machine may read them
 * @param environment of the child, besides what {@link Nerdctl} always sets; nerdctl writes all of it into the container
 *     that it creates, for its hooks
 * @param input for its standard input
 * @param limit after which it is ended by force
 */
record NerdctlCall(List<String> arguments, Map<String, String> environment, String input, Duration limit) {

    private static final Duration USUAL_LIMIT = Duration.ofSeconds(30);

    NerdctlCall {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    static NerdctlCall of(String... arguments) {
        return of(List.of(arguments));
    }

    static NerdctlCall of(List<String> arguments) {
        return new NerdctlCall(arguments, Map.of(), "", USUAL_LIMIT);
    }

    NerdctlCall with(Map<String, String> variables) {
        return new NerdctlCall(arguments, variables, input, limit);
    }

    NerdctlCall reading(String text) {
        return new NerdctlCall(arguments, environment, text, limit);
    }

    NerdctlCall within(Duration time) {
        return new NerdctlCall(arguments, environment, input, time);
    }
}
