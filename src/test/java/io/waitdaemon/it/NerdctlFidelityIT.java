package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.it.FidelityRows.Row;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Does the target get, by nerdctl, what the user gave the action (SPEC §4, Fidelity), and is the user told of all that it does
 * not get? The whole OCI specification of the two is compared, over the rows of {@link ContainerdFidelityIT}, as tink-agent
 * writes it and as nerdctl does.
 */
@ResourceLock(Containerds.LOCK)
class NerdctlFidelityIT {

    private static final List<String> NEVER = List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=target");
    private static final ContainerdRoute ROUTE = ContainerdRoute.BUNDLED_NERDCTL;

    /** What mounts it takes for nerdctl to work is among the mounts that this row does without. */
    private static final String WITHOUT_ITS_MOUNTS = "none but one's own mounts, and a root that is read-only";

    /**
     * Where nerdctl and the agent write the same in other words, or nerdctl writes what holds anyway: the options of binds
     * that are the default, the default devices and their rules (OCI config-linux.md), an unlimited swap, a real-time
     * scheduler of 0, the control groups mounted read-only.
     */
    private static final List<Pattern> SAME = Stream.of(
                    "/Runtime/Options.*",
                    "/linux/resources/cpu/realtime(Period|Runtime)=0",
                    "/linux/resources/memory=\\{}",
                    "/linux/resources/memory/swap=-1",
                    "/linux/sysctl/net.ipv4.ip_unprivileged_port_start=0",
                    "/mounts/\\[[^]]*]/options/\\[(rw|rprivate|dev|exec)]=.*",
                    "/mounts/\\[[^]]*]/type=(none|bind)",
                    "/mounts/\\[/sys/fs/cgroup].*",
                    "/linux/devices/\\[/dev/ptmx].*",
                    "/linux/resources/devices/\\[\\{\"allow\":true,\"type\":\"c\",\"major\":(1|5|136),.*")
            .map(Pattern::compile)
            .toList();

    /**
     * What nerdctl cannot say, by the names of rows.
     *
     * @param settings path and value, of both, which may differ
     * @param told in the action's log; empty where there is nothing to tell
     */
    private record Loss(String settings, String told) {}

    private static final Map<String, Loss> LOSSES = Map.ofEntries(
            Map.entry(
                    "capabilities, rlimits and priority",
                    new Loss("/process/capabilities/(ambient|inheritable|effective)/.*", "the ambient capabilities")),
            Map.entry(
                    "seccomp",
                    new Loss("/linux/seccomp.*", "the seccomp or AppArmor profile of a privileged container")),
            Map.entry(
                    "masked and read-only paths",
                    new Loss(
                            "/linux/(masked|readonly)Paths.*", "its own choice of paths that are masked or read-only")),
            // each has a name of its own in the same folder
            Map.entry("a control group of one's choice", new Loss("/linux/cgroupsPath=/tinkerbell/fidelity/.*", "")),
            Map.entry(
                    "names and IPC of the host",
                    new Loss(
                            "/hostname.*|/linux/namespaces/\\[uts].*|/mounts/\\[/dev/(shm|mqueue)].*",
                            "the host's uts namespace")),
            Map.entry(
                    "network and IPC of another container",
                    new Loss("/hostname.*|/linux/namespaces/\\[[^]]*ipc].*", "the ipc namespace at /proc/")),
            Map.entry(
                    "a volume that is rshared,noexec",
                    new Loss("/mounts/\\[/b]/options/.*", "the option \\\"noexec\\\" of the mount at /b")),
            Map.entry(
                    "a volume that is rslave",
                    new Loss("/mounts/\\[/b]/options/.*", "the propagation \\\"rslave\\\" of the mount at /b")),
            Map.entry("mounts", new Loss("/mounts/\\[/b]/options/.*|/linux/rootfsPropagation.*", "the propagation")),
            Map.entry(
                    "one's own file over /etc/hosts",
                    new Loss("-", "the mount at /etc/hosts, over which nerdctl puts")),
            Map.entry("annotations and hooks", new Loss("-", "OCI hooks that are not nerdctl's")),
            Map.entry("options of the runtime", new Loss("-", "the options of its OCI runtime")));

    private static @Nullable FidelityRows rows;

    @BeforeAll
    static void prepare() {
        rows = FidelityRows.on(containerd());
        containerd().add(ImageArchive.target());
    }

    @AfterAll
    static void clear() {
        rows().close();
    }

    private static FidelityRows rows() {
        return Objects.requireNonNull(rows);
    }

    private static PrivateContainerd containerd() {
        return Containerds.shared(ContainerdVersion.V2_1);
    }

    @ParameterizedTest
    @MethodSource("agentRows")
    void target_has_the_specification_of_an_action_of_the_agent(Row row) {
        List<String> options = new ArrayList<>(ROUTE.options(containerd(), true));
        options.addAll(NEVER);
        options.addAll(row.flags());
        if (row.name().contains("control group")) {
            // nerdctl does not show what else it could be known by
            options.addAll(List.of("--pid", "host"));
        }
        boolean unprivileged = row.flags().contains("--unprivileged");
        options.addAll(List.of("--spec-patch", file(unprivileged ? mounting(row.patch()) : row.patch())));

        assertSame(ComparedHandoff.ofAgent(containerd(), ROUTE, options, "echo", "two words"), row, !unprivileged);
    }

    static Stream<Row> agentRows() {
        return rows().ofAgent().filter(row -> !row.name().equals(WITHOUT_ITS_MOUNTS));
    }

    @ParameterizedTest
    @MethodSource("nerdctlRows")
    void target_has_the_specification_of_an_action_of_nerdctl(Row row) {
        List<String> options = new ArrayList<>(ROUTE.options(containerd(), true));
        options.addAll(NEVER);
        options.addAll(List.of("--cap-add", "SYS_ADMIN"));
        options.addAll(row.flags());

        assertSame(
                ComparedHandoff.ofNerdctl(containerd(), ROUTE, options, "echo", "two words"),
                row,
                row.flags().contains("--privileged"));
    }

    static Stream<Row> nerdctlRows() {
        return rows().ofNerdctl();
    }

    /** What nerdctl itself does with images; ours are its configuration, arguments and variables. */
    @Test
    void process_of_the_target_is_its_images_and_the_actions() {
        containerd().ctr("images", "rm", "--sync", "docker.io/library/merged:latest");
        containerd().add(ImageArchive.with("merged:latest", json("""
                {"Env": ["PATH=/image:/bin", "GREETING=hello", "SHARED=image"], "Entrypoint": ["/bin/show"],
                 "Cmd": ["default"], "WorkingDir": "/srv/app", "User": "app"}
                """)));
        List<String> options = new ArrayList<>(ROUTE.options(containerd(), true));
        options.addAll(List.of(
                "--env",
                "WAIT_SECONDS=600",
                "--env",
                "IMAGE=merged",
                "--env",
                "SHARED=action",
                "--env",
                "LINES=a\nb "));

        ComparedHandoff handoff = ComparedHandoff.ofAgent(containerd(), ROUTE, options, "--", "-x", "", "a\nb");
        try {
            JsonObject target = handoff.succeeded().target();
            JsonObject process = target.getJsonObject("Spec").getJsonObject("process");
            String hostname = "HOSTNAME=" + target.getString("ID").substring(0, 12);
            assertThat(process.getJsonArray("args")).hasToString("[\"/bin/show\",\"--\",\"-x\",\"\",\"a\\nb\"]");
            assertThat(process.getJsonArray("env"))
                    .hasToString(Json.createArrayBuilder(List.of(
                                    "PATH=/image:/bin",
                                    "GREETING=hello",
                                    "SHARED=action",
                                    "CONTAINER_RUNTIME=nerdctl",
                                    "WAIT_SECONDS=600",
                                    "IMAGE=merged",
                                    "LINES=a\nb ",
                                    hostname))
                            .build()
                            .toString());
            assertThat(process.getString("cwd")).isEqualTo("/srv/app");
            assertThat(process.getJsonObject("user").getInt("uid")).isEqualTo(1000);
        } finally {
            handoff.clear();
        }
    }

    /** On the host nerdctl sees the sources of mounts, and reads our files through our root. */
    @ParameterizedTest
    @EnumSource(names = "V2_1")
    void nerdctl_of_the_host_keeps_propagation_and_a_profile_too(ContainerdVersion version) {
        try (PrivateContainerd machine = PrivateContainerd.machine(version).start();
                FidelityRows ofMachine = FidelityRows.on(machine)) {
            List<String> options = new ArrayList<>(ContainerdRoute.HOST_NERDCTL.options(machine, true));
            options.addAll(NEVER);
            options.addAll(
                    List.of("--unprivileged", "--volume", ofMachine.files().resolve("shared") + ":/b:rslave"));
            options.addAll(List.of("--spec-patch", file(machine, """
                    {"process": {"capabilities": {
                       "bounding": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"],
                       "effective": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"],
                       "permitted": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"]}},
                     "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
                       "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}}}
                    """)));
            machine.add(ImageArchive.target());

            ComparedHandoff handoff = ComparedHandoff.ofAgent(machine, ContainerdRoute.HOST_NERDCTL, options, "true");
            try {
                Map<String, String> target =
                        ContainerdSettings.of(handoff.succeeded().target(), JsonObject.EMPTY_JSON_OBJECT);
                assertThat(target)
                        .containsEntry("/linux/seccomp/syscalls/0/errnoRet", "38")
                        .containsEntry("/linux/rootfsPropagation", "rslave")
                        .containsValue("rslave");
                assertThat(handoff.log()).doesNotContain("The target does not get");
            } finally {
                handoff.clear();
            }
        }
    }

    /** @param privileged which takes away no-new-privileges, and nerdctl has nothing against that */
    private static void assertSame(ComparedHandoff handoff, Row row, boolean privileged) {
        try {
            assertThat(handoff.succeeded().exit()).isZero();
            Loss loss = LOSSES.getOrDefault(row.name(), new Loss("-", ""));
            assertThat(settings(handoff.target(), loss, privileged))
                    .isEqualTo(settings(handoff.action(), loss, privileged));
            if (loss.told().isEmpty()) {
                assertThat(handoff.log()).doesNotContain("The target does not get");
            } else {
                assertThat(handoff.log()).contains("The target does not get " + loss.told());
            }
        } finally {
            handoff.clear();
        }
    }

    private static Map<String, String> settings(JsonObject container, Loss loss, boolean privileged) {
        Pattern lost = Pattern.compile(loss.settings());
        Map<String, String> settings = new TreeMap<>(ContainerdSettings.withoutOrder(container, imageLabels()));
        settings.entrySet()
                .removeIf(entry -> lost.matcher(entry.toString()).matches()
                        || SAME.stream()
                                .anyMatch(same -> same.matcher(entry.toString()).matches())
                        || (privileged && entry.getKey().equals("/process/noNewPrivileges")));
        return settings;
    }

    /** With what nerdctl in the image takes to look into another image. */
    private static String mounting(String patch) {
        JsonObject json = json(patch);
        JsonObject process = member(json, "process");
        JsonObject capabilities = member(process, "capabilities");
        JsonObjectBuilder more = Json.createObjectBuilder(capabilities);
        for (String set : List.of("bounding", "effective", "permitted")) {
            JsonArrayBuilder names = capabilities.containsKey(set)
                    ? Json.createArrayBuilder(capabilities.getJsonArray(set))
                    : Json.createArrayBuilder(List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE"));
            more.add(set, names.add("CAP_SYS_ADMIN"));
        }
        return Json.createObjectBuilder(json)
                .add("process", Json.createObjectBuilder(process).add("capabilities", more))
                .build()
                .toString();
    }

    private static JsonObject member(JsonObject json, String name) {
        return json.containsKey(name) ? json.getJsonObject(name) : JsonObject.EMPTY_JSON_OBJECT;
    }

    private static JsonObject imageLabels() {
        return json(containerd()
                .nerdctl(
                        "image",
                        "inspect",
                        "--format",
                        "{{json .Config.Labels}}",
                        ROUTE.image().reference())
                .ok()
                .out());
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    private static String file(String text) {
        return file(containerd(), text);
    }

    private static String file(PrivateContainerd containerd, String text) {
        try {
            return Files.writeString(Files.createTempFile(containerd.folder(), "patch", ".json"), text)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
