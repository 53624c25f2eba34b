package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.NerdctlLabels;
import io.waitdaemon.runtime.OciSpec;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Turns the OCI specification of the action container into that of the target. What the user gave stays as containerd
 * has it, fields that this version has never heard of included; changed is only what is listed here.
 *
 * @param action the action container
 * @param ownConfig {@code config} of the image that it runs; empty when containerd has it no more
 * @param image of the target
 * @param imageUser who the image's process runs as
 */
record TargetSpec(
        OwnContainer action, JsonObject ownConfig, HandoffPlan plan, StoredImage image, JsonObject imageUser) {

    private static final String ROOT_FOLDER = "/";

    /**
     * The whole specification.
     *
     * @param annotations of nerdctl, in the place of the action's
     * @param output where the target's own files for names of hosts lie
     */
    JsonObject derive(ContainerId target, Network network, Map<String, String> annotations, Path output) {
        JsonObject own = action.spec().json();
        JsonObjectBuilder spec = Json.PROVIDER.createObjectBuilder(own);
        spec.add("process", process());
        spec.add("mounts", mounts(output));
        spec.add("linux", linux(target));
        spec.remove("hooks");
        if (network instanceof Network.Cni cni) {
            spec.add("hooks", new CniHooks(target, cni.networks()).json());
        }
        JsonObjectBuilder kept = Json.PROVIDER.createObjectBuilder();
        Json.object(own, "annotations").forEach((key, value) -> {
            if (!key.startsWith(NerdctlLabels.PREFIX)) {
                kept.add(key, value);
            }
        });
        annotations.forEach(kept::add);
        spec.add("annotations", kept);
        String hostname = hostname(target);
        if (action.spec().hasNamespace("uts") && !hostname.isEmpty()) {
            spec.add("hostname", hostname);
        }
        return spec.build();
    }

    /** The action's own, unless the engine made it of the action's id. */
    String hostname(ContainerId target) {
        String own = action.spec().hostname();
        return own.equals(action.id().shortForm()) ? target.shortForm() : own;
    }

    /**
     * The files for names of hosts that the engine had made for the action and that the target needs as well; without
     * those that the user mounted something over.
     *
     * @return paths in the container
     */
    List<String> hostFiles() {
        return OciSpec.HOST_FILES.stream()
                .filter(path -> mountsAt(path).anyMatch(mount -> OciSpec.isMadeByEngine(mount, action.id())))
                .filter(path -> mountsAt(path).allMatch(mount -> OciSpec.isMadeByEngine(mount, action.id())))
                .toList();
    }

    private JsonObject process() {
        JsonObject own = action.spec().process();
        JsonObjectBuilder process = Json.PROVIDER.createObjectBuilder(own);
        process.add("args", Json.strings(arguments()));
        process.add("env", Json.strings(environment()));
        process.add("cwd", workingFolder());
        process.add("user", user());
        return process.build();
    }

    /** As Docker has it: the user's command takes the place of the image's, and follows its entrypoint. */
    private List<String> arguments() {
        List<String> command = plan.command().isEmpty() ? Json.texts(image.config(), "Cmd") : plan.command();
        List<String> arguments = new ArrayList<>(Json.texts(image.config(), "Entrypoint"));
        arguments.addAll(command);
        if (arguments.isEmpty()) {
            throw new EngineException(
                    Kind.REFUSED,
                    "the image \"" + plan.image() + "\" has neither an entrypoint nor a command, and the action has no"
                            + " arguments that could be one; give the action a command");
        }
        return arguments;
    }

    private List<String> environment() {
        List<String> user = action.spec().userEnvironment(ownConfig, action.id());
        Set<String> names = user.stream().map(TargetSpec::name).collect(Collectors.toCollection(HashSet::new));
        List<String> environment = new ArrayList<>(Json.texts(image.config(), "Env").stream()
                .filter(entry -> !names.contains(name(entry)))
                .toList());
        environment.addAll(user);
        if (environment.stream().noneMatch(entry -> name(entry).equals("PATH"))) {
            environment.add(OciSpec.DEFAULT_PATH);
        }
        return environment;
    }

    private String workingFolder() {
        String ofImage = Json.text(image.config(), "WorkingDir");
        return action.spec().userWorkingFolder(ownConfig).orElse(ofImage.isEmpty() ? ROOT_FOLDER : ofImage);
    }

    /** The image's, unless the user chose another one than waitdaemon's image has, which is root; groups are kept. */
    private JsonObject user() {
        Optional<JsonObject> chosen = action.spec().userWhoIsNotRoot();
        if (chosen.isPresent()) {
            return chosen.get();
        }
        JsonObject own = Json.object(action.spec().process(), "user");
        JsonArrayBuilder groups = Json.PROVIDER.createArrayBuilder();
        Stream.concat(groups(imageUser), groups(own).filter(group -> group != 0))
                .distinct()
                .forEach(groups::add);
        JsonObjectBuilder user = Json.PROVIDER.createObjectBuilder(own);
        return user.add("uid", imageUser.getJsonNumber("uid"))
                .add("gid", imageUser.getJsonNumber("gid"))
                .add("additionalGids", groups)
                .build();
    }

    private static Stream<Long> groups(JsonObject user) {
        return user.containsKey("additionalGids")
                ? user.getJsonArray("additionalGids").getValuesAs(JsonNumber.class).stream()
                        .map(JsonNumber::longValue)
                : Stream.of();
    }

    /** Without the files that the engine made for the action: they go when the action goes. */
    private JsonArrayBuilder mounts(Path output) {
        JsonArrayBuilder mounts = Json.PROVIDER.createArrayBuilder();
        action.spec().mounts().stream()
                .filter(mount -> !OciSpec.isMadeByEngine(mount, action.id()))
                .forEach(mounts::add);
        hostFiles()
                .forEach(path -> mounts.add(Json.PROVIDER
                        .createObjectBuilder()
                        .add("destination", path)
                        .add("type", "bind")
                        .add("source", output.resolve(HostFiles.name(path)).toString())
                        .add("options", Json.strings(List.of("bind", "rprivate", "rw")))));
        return mounts;
    }

    private Stream<JsonObject> mountsAt(String path) {
        return action.spec().mounts().stream()
                .filter(mount -> Json.text(mount, "destination").equals(path));
    }

    /** In a cgroup of its own beside the action's; the namespaces that the action shares with others are the target's too. */
    private JsonObject linux(ContainerId target) {
        JsonObject own = action.spec().linux();
        return Json.PROVIDER
                .createObjectBuilder(own)
                .add("cgroupsPath", action.cgroupsPath(target))
                .build();
    }

    private static String name(String entry) {
        return entry.split("=", 2)[0];
    }
}
