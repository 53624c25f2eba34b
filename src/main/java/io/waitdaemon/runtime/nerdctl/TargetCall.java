package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.HandoffPlan.Role;
import io.waitdaemon.runtime.NerdctlLabels;
import io.waitdaemon.runtime.OwnProcess;
import io.waitdaemon.runtime.UserLabels;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The call that creates the target: the action container in the words of {@code nerdctl create}.
 *
 * @param call what is to be run
 * @param environment the names of the user's variables, which {@link NerdctlCall} hides
 * @param losses what nerdctl cannot say
 */
record TargetCall(NerdctlCall call, TargetVariables environment, List<String> losses) {

    /**
     * @param namespace of containerd, the action's
     * @param ownConfig {@code config} of the image that the action runs
     */
    static TargetCall of(
            NativeContainer action,
            String namespace,
            JsonObject ownConfig,
            HandoffPlan plan,
            Place place,
            OwnProcess process,
            HandedFiles files) {
        Options options = new Options().add("name", plan.name(Role.TARGET)).add("pull", "never");
        options.addAll("label", UserLabels.of(action.labels(), Json.object(ownConfig, "Labels")));
        options.addAll("label", plan.labels(Role.TARGET));
        NetworkOptions network = new NetworkOptions(action, process.connected(), options);
        network.add();
        new NamespaceOptions(action, options).add(network.onCni());
        new MountOptions(action, place, process.proc(), options).add(network.onCni());
        new SecurityOptions(action.spec(), files, options).add();
        new ResourceOptions(action, namespace, options).add();
        new ProcessOptions(action, ownConfig, options).add();
        TargetVariables variables = new TargetVariables(environment(action, ownConfig));
        variables.add(options);
        List<String> words = new ArrayList<>(List.of("create"));
        words.addAll(options.words());
        // a short name could be taken for the beginning of another image's id
        words.add(plan.image().fullName());
        // nerdctl takes one away, so that a first argument of this kind reaches the target
        words.add("--");
        words.addAll(plan.command());
        return new TargetCall(
                NerdctlCall.of(words).reading(variables.file()).with(variables.inherited()),
                variables,
                options.losses());
    }

    /** Less the hostname, which nerdctl puts into every environment, and will put into the target's. */
    private static List<String> environment(NativeContainer action, JsonObject ownConfig) {
        List<String> ofNerdctl = Stream.of(
                        action.spec().hostname(), action.labels().getOrDefault(NerdctlLabels.HOSTNAME, ""))
                .map(name -> "HOSTNAME=" + name)
                .toList();
        return action.spec().userEnvironment(ownConfig, action.id()).stream()
                .filter(entry -> !ofNerdctl.contains(entry))
                .toList();
    }
}
