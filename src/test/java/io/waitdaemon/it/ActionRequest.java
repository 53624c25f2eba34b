package io.waitdaemon.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An action as a template's author describes it, in no engine's terms.
 *
 * @param name of the action container; a retried action has the name of its earlier try
 * @param environment in its order
 * @param socket whether the engine's socket is mounted where its clients expect it
 */
record ActionRequest(
        String name,
        Map<String, String> environment,
        List<Bind> binds,
        Network network,
        boolean hostPid,
        boolean socket,
        List<String> command) {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** A folder of the engine's machine that the action and its target see. */
    record Bind(Path source, String target, boolean readOnly) {}

    enum Network {
        /** What an action gets that says nothing of networks. */
        DEFAULT,
        HOST,
        NONE
    }

    ActionRequest {
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        binds = List.copyOf(binds);
        command = List.copyOf(command);
    }

    /**
     * An action whose target runs the image {@code target} at once, with this command; without one, the image's own. No
     * other action of this run has its name.
     */
    static ActionRequest of(String... command) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("IMAGE", "target");
        environment.put("WAIT_SECONDS", "0");
        String name = "tinkerbell_contract_" + NUMBER.incrementAndGet();
        return new ActionRequest(name, environment, List.of(), Network.DEFAULT, false, true, List.of(command));
    }

    ActionRequest named(String other) {
        return new ActionRequest(other, environment, binds, network, hostPid, socket, command);
    }

    ActionRequest waiting(int seconds) {
        return with("WAIT_SECONDS", Integer.toString(seconds));
    }

    ActionRequest with(String variable, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new ActionRequest(name, more, binds, network, hostPid, socket, command);
    }

    /** @param entries {@code NAME=value} */
    ActionRequest with(List<String> entries) {
        ActionRequest request = this;
        for (String entry : entries) {
            String[] variable = entry.split("=", 2);
            request = request.with(variable[0], variable[1]);
        }
        return request;
    }

    ActionRequest with(Bind bind) {
        List<Bind> more = new ArrayList<>(binds);
        more.add(bind);
        return new ActionRequest(name, environment, more, network, hostPid, socket, command);
    }

    ActionRequest with(Network other) {
        return new ActionRequest(name, environment, binds, other, hostPid, socket, command);
    }

    ActionRequest withHostPid() {
        return new ActionRequest(name, environment, binds, network, true, socket, command);
    }

    ActionRequest withoutSocket() {
        return new ActionRequest(name, environment, binds, network, hostPid, false, command);
    }
}
