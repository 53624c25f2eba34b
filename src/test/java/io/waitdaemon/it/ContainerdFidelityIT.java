package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.AgentRun;
import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.engine.PrivateContainerd.Inventory;
import io.waitdaemon.it.FidelityRows.Row;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Does the target get, on containerd, everything that the user gave the action, and nothing else (SPEC §4, Fidelity)? The
 * whole OCI specification of the two is compared, as tink-agent writes it and as nerdctl does. A handoff takes seconds,
 * and containerd hands a specification to runc as it got it, so the rows of the tables run on the newest version alone;
 * those tests that have a version for a parameter run on all.
 */
@ResourceLock(Containerds.LOCK)
class ContainerdFidelityIT {

    private static final ContainerdVersion NEWEST = ContainerdVersion.V2_1;
    private static final List<String> NEVER = List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=target");
    private static final List<String> AT_ONCE = List.of("--env", "WAIT_SECONDS=0", "--env", "IMAGE=target");

    private static @Nullable FidelityRows rows;

    @BeforeAll
    static void prepare() {
        rows = FidelityRows.on(Containerds.shared(NEWEST));
    }

    @AfterAll
    static void clear() {
        rows().close();
    }

    private static FidelityRows rows() {
        return Objects.requireNonNull(rows);
    }

    @ParameterizedTest
    @MethodSource("agentRows")
    void target_has_the_specification_of_an_action_of_the_agent(Row row) {
        assertSame(ofAgent(Containerds.shared(NEWEST), NEVER, row, "echo", "two words"), row);
    }

    static Stream<Row> agentRows() {
        return rows().ofAgent();
    }

    @ParameterizedTest
    @EnumSource
    void every_version_keeps_what_the_agent_says(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        Row row = new Row(
                "a little of all",
                List.of(
                        "--pid",
                        "host",
                        "--network",
                        "host",
                        "--volume",
                        "/usr/share:/b:ro,rslave",
                        "--label",
                        "rack=7"),
                """
                {"annotations": {"rack": "7"},
                 "process": {"oomScoreAdj": 500, "rlimits": [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}]},
                 "linux": {
                   "seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
                     "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]},
                   "resources": {"pids": {"limit": 500}}}}
                """,
                Map.of("/Labels/rack", "7", "/annotations/rack", "7", "/process/rlimits/0/type", "RLIMIT_CORE"));

        ComparedHandoff handoff =
                ofAgent(containerd, NEVER, row, "echo", "two words").succeeded();

        assertThat(handoff.target().getJsonObject("Spec")).doesNotContainKey("hooks");
        assertThat(parent(containerd, handoff.target()))
                .isEqualTo(parentByCtr(containerd, ImageArchive.target().reference()));
        assertSame(handoff, row);
    }

    @ParameterizedTest
    @EnumSource
    void snapshotter_of_the_action_is_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        ComparedHandoff.unpack(containerd, "native", WaitdaemonImage.archive(), ImageArchive.target());
        Row row = new Row(
                "native", List.of("--snapshotter", "native", "--pid", "host"), Map.of("/Snapshotter", "native"));

        ComparedHandoff handoff =
                ofAgent(containerd, AT_ONCE, row, "echo", "it ran").succeeded();

        assertThat(handoff.outputOfTarget()).isEqualTo("it ran\n");
        assertSame(handoff, row);
    }

    @ParameterizedTest
    @EnumSource
    void files_for_names_of_hosts_hold_what_the_action_saw_after_its_agent_took_them_away(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        String look = "cat /etc/resolv.conf /etc/hosts /etc/hostname; hostname; wc -l </proc/mounts >/dev/null";

        ComparedHandoff handoff = ofAgent(containerd, AT_ONCE, new Row("names", List.of(), Map.of()), "sh", "-c", look)
                .succeeded();

        try {
            String shortId = handoff.target().getString("ID").substring(0, 12);
            assertThat(handoff.outputOfTarget())
                    .contains("# Generated by tink-agent for container DNS\n", "ip6-localhost")
                    .contains("127.0.0.1\t" + shortId + "\n")
                    .endsWith(shortId + "\n" + shortId + "\n")
                    .doesNotContain(handoff.id().substring(0, 12));
        } finally {
            handoff.clear();
        }
    }

    @ParameterizedTest
    @EnumSource
    void privileged_action_gives_the_target_its_devices_and_capabilities(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        // what a privileged container alone may do: a device node that it makes itself, a mount, a name in sysfs
        String use = "grep CapEff /proc/self/status; mknod /tmp/null c 1 3 && echo written >/tmp/null && echo node;"
                + " mount -t tmpfs none /tmp && echo mount; dd if=/dev/zero of=/dev/full bs=1 count=0 2>/dev/null && echo device;"
                + " find /dev -xdev -type c -o -type b | grep -vE '/(pts|console)' | sort | md5sum";
        Row row = new Row("privileged", List.of("--pid", "host", "--network", "host"), Map.of());

        ComparedHandoff handoff =
                ofAgent(containerd, AT_ONCE, row, "sh", "-c", use).succeeded();

        try {
            AgentRun same = AgentRun.begin(
                    containerd, ImageArchive.target(), List.of("--pid", "host", "--network", "host"), "sh", "-c", use);
            assertThat(same.exit()).as(same.output()).isZero();
            assertThat(handoff.outputOfTarget())
                    .contains("node\n", "mount\n", "device\n")
                    .isEqualTo(same.output());
        } finally {
            handoff.clear();
        }
    }

    @ParameterizedTest
    @MethodSource("nerdctlRows")
    void target_has_the_specification_of_an_action_of_nerdctl(Row row) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(NEVER);
        options.addAll(row.flags());

        assertSame(ComparedHandoff.ofNerdctl(containerd, options, "echo", "two words"), row);
    }

    static Stream<Row> nerdctlRows() {
        return rows().ofNerdctl();
    }

    @ParameterizedTest
    @EnumSource
    void terminal_of_an_action_is_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(AT_ONCE);
        options.addAll(List.of("--network", "none", "--tty"));

        ComparedHandoff handoff =
                ComparedHandoff.ofNerdctl(containerd, options, "tty").succeeded();

        try {
            assertThat(handoff.outputOfTarget()).contains("/dev/pts/0");
        } finally {
            handoff.clear();
        }
    }

    /**
     * How the process of the target is made of the configurations of its image and of the action.
     *
     * @param process {@code args}, {@code env}, {@code cwd} and {@code user} of the target
     */
    record Merged(String name, String image, List<String> flags, List<String> arguments, String patch, String process) {

        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource
    void process_of_the_target_is_its_images_and_the_actions(Merged merged) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        ComparedHandoff handoff = merge(containerd, merged);

        try {
            JsonObject process =
                    handoff.succeeded().target().getJsonObject("Spec").getJsonObject("process");
            assertThat(Json.createObjectBuilder()
                            .add("args", process.get("args"))
                            .add("env", process.get("env"))
                            .add("cwd", process.get("cwd"))
                            .add("user", process.get("user"))
                            .build())
                    .isEqualTo(json(merged.process()));
        } finally {
            handoff.clear();
        }
    }

    static Stream<Merged> process_of_the_target_is_its_images_and_the_actions() {
        String configured = """
                {"Env": ["PATH=/image:/bin", "GREETING=hello", "SHARED=image"], "Entrypoint": ["/bin/show"],
                 "Cmd": ["default", "two words"], "WorkingDir": "/srv/app", "User": "app"}
                """;
        return Stream.of(
                new Merged("all of the image", configured, List.of(), List.of(), "{}", """
                        {"args": ["/bin/show", "default", "two words"],
                         "env": ["PATH=/image:/bin", "GREETING=hello", "SHARED=image", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged"],
                         "cwd": "/srv/app", "user": {"uid": 1000, "gid": 1000, "additionalGids": [1000]}}
                        """),
                new Merged(
                        "arguments and environment of the action",
                        configured,
                        List.of("--env", "SHARED=action", "--env", "EMPTY=", "--env", "WAITDAEMON_LOG_FORMAT=text"),
                        List.of("one", "", "-Dx=y"),
                        "{}",
                        """
                        {"args": ["/bin/show", "one", "", "-Dx=y"],
                         "env": ["PATH=/image:/bin", "GREETING=hello", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged", "SHARED=action", "EMPTY="],
                         "cwd": "/srv/app", "user": {"uid": 1000, "gid": 1000, "additionalGids": [1000]}}
                        """),
                new Merged(
                        "user, folder and PATH of the action",
                        configured,
                        List.of("--env", "PATH=/action:/bin"),
                        List.of(),
                        """
                        {"process": {"cwd": "/tmp", "user": {"uid": 1001, "gid": 0, "additionalGids": [44]}}}
                        """,
                        """
                        {"args": ["/bin/show", "default", "two words"],
                         "env": ["GREETING=hello", "SHARED=image", "PATH=/action:/bin", "CONTAINER_RUNTIME=containerd",
                           "WAIT_SECONDS=600", "IMAGE=merged"],
                         "cwd": "/tmp", "user": {"uid": 1001, "gid": 0, "additionalGids": [44]}}
                        """),
                new Merged("nothing but a command", "{\"Cmd\": [\"true\"]}", List.of(), List.of("ls", "-l"), "{}", """
                        {"args": ["ls", "-l"],
                         "env": ["CONTAINER_RUNTIME=containerd", "WAIT_SECONDS=600", "IMAGE=merged",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                         "cwd": "/", "user": {"uid": 0, "gid": 0, "additionalGids": [0]}}
                        """),
                new Merged(
                        "nothing but an entrypoint",
                        "{\"Entrypoint\": [\"/bin/show\"], \"User\": \"7:nogroup\"}",
                        List.of("--env", "HOSTNAME=user"),
                        List.of(),
                        "{}",
                        """
                        {"args": ["/bin/show"],
                         "env": ["CONTAINER_RUNTIME=containerd", "WAIT_SECONDS=600", "IMAGE=merged", "HOSTNAME=user",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                         "cwd": "/", "user": {"uid": 7, "gid": 65534, "additionalGids": [65534]}}
                        """));
    }

    @ParameterizedTest
    @EnumSource
    void hostname_that_nerdctl_put_into_the_environment_is_not_the_targets(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(NEVER);
        options.addAll(List.of("--network", "none", "--env", "A=b", "--workdir", "/tmp", "--user", "0:7"));

        ComparedHandoff handoff =
                ComparedHandoff.ofNerdctl(containerd, options, "true").succeeded();

        try {
            JsonObject process = handoff.target().getJsonObject("Spec").getJsonObject("process");
            assertThat(process.get("env"))
                    .hasToString("[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
                            + "\"CONTAINER_RUNTIME=containerd\",\"WAIT_SECONDS=600\",\"IMAGE=target\",\"A=b\"]");
            assertThat(process.getString("cwd")).isEqualTo("/tmp");
            assertThat(process.getJsonObject("user").getInt("gid")).isEqualTo(7);
        } finally {
            handoff.clear();
        }
    }

    /** Is the image's own file for names of users read where it lies, in whatever form its layers have? */
    @ParameterizedTest
    @EnumSource
    void user_of_the_image_is_looked_up_in_its_uppermost_files(ContainerdVersion version) {
        PrivateContainerd containerd = Containerds.shared(version);
        JsonObject config = json("{\"Entrypoint\": [\"/bin/show\"], \"User\": \"app\", \"Env\": [\"PATH=/bin\"]}");
        Map<String, String> upper = Map.of("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1234:1000::/:/bin/sh\n");

        for (boolean compressed : List.of(false, true)) {
            ImageArchive image =
                    ImageArchive.layered("layered:" + (compressed ? "gzip" : "tar"), config, upper, compressed);
            containerd.add(image);
            Row row = new Row("user", List.of("--env", "IMAGE=" + image.reference()), Map.of());

            ComparedHandoff handoff = ofAgent(containerd, AT_ONCE, row).succeeded();

            try {
                // the user from the upper layer, the group from the lower one; and all layers are below the container
                assertThat(handoff.target()
                                .getJsonObject("Spec")
                                .getJsonObject("process")
                                .getJsonObject("user"))
                        .hasToString("{\"uid\":1234,\"gid\":1000,\"additionalGids\":[1000]}");
                assertThat(parent(containerd, handoff.target())).isEqualTo(parentByCtr(containerd, image.reference()));
                assertThat(handoff.outputOfTarget()).startsWith("user=1234:1000\nfolder=/\n");
            } finally {
                handoff.clear();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Cmd\": [\"true\"], \"User\": \"stranger\"} | user \"stranger\" is not in its /etc/passwd",
                "{\"Cmd\": [\"true\"], \"User\": \"app:strangers\"} | \"app:strangers\" is not in its /etc/group",
                "{\"User\": \"app\"} | has neither an entrypoint nor a command",
                "{\"Cmd\": [\"/no/such/file\"]} | /no/such/file"
            })
    void image_that_cannot_run_fails_the_action_and_leaves_nothing(String imageAndReason) {
        PrivateContainerd containerd = Containerds.shared(NEWEST);
        String[] parts = imageAndReason.split(" \\| ", 2);
        containerd.add(WaitdaemonImage.archive());
        containerd.add(ImageArchive.with("merged:latest", json(parts[0])));
        Inventory before = containerd.inventory();

        ComparedHandoff handoff = merge(containerd, new Merged("bad", parts[0], List.of(), List.of(), "{}", ""));

        assertThat(handoff.exit()).isEqualTo(1);
        assertThat(handoff.log()).contains(parts[1].replace("\"", "\\\"")).doesNotContain("\\tat ");
        handoff.clear();
        assertThat(containerd.inventory())
                .usingRecursiveComparison()
                .ignoringFields("leases")
                .isEqualTo(before);
    }

    private static ComparedHandoff merge(PrivateContainerd containerd, Merged merged) {
        containerd.ctr("images", "rm", "--sync", "docker.io/library/merged:latest");
        containerd.add(ImageArchive.with("merged:latest", json(merged.image())));
        List<String> options = new ArrayList<>(ComparedHandoff.MOUNTED);
        options.addAll(List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=merged"));
        options.addAll(merged.flags());
        options.addAll(List.of("--spec-patch", file(containerd, merged.patch())));
        return ComparedHandoff.ofAgent(containerd, options, merged.arguments().toArray(String[]::new));
    }

    private static ComparedHandoff ofAgent(
            PrivateContainerd containerd, List<String> environment, Row row, String... args) {
        containerd.add(ImageArchive.target());
        List<String> options = new ArrayList<>(ComparedHandoff.MOUNTED);
        options.addAll(environment);
        options.addAll(row.flags());
        options.addAll(List.of("--spec-patch", file(containerd, row.patch())));
        return ComparedHandoff.ofAgent(containerd, options, args);
    }

    private static void assertSame(ComparedHandoff handoff, Row row) {
        try {
            handoff.succeeded();
            Map<String, String> ofTarget = settings(handoff, handoff.target());
            assertThat(ofTarget).containsAllEntriesOf(row.inTarget());
            assertThat(ofTarget).isEqualTo(settings(handoff, handoff.action()));
        } finally {
            handoff.clear();
        }
    }

    private static Map<String, String> settings(ComparedHandoff handoff, JsonObject container) {
        JsonObject imageLabels = json(handoff.containerd()
                .nerdctl("image", "inspect", "--format", "{{json .Config.Labels}}", WaitdaemonImage.NAME)
                .ok()
                .out());
        return ContainerdSettings.of(container, imageLabels);
    }

    /** What the snapshot of a container is made on. */
    private static String parent(PrivateContainerd containerd, JsonObject container) {
        return json(containerd
                        .ctr("snapshots", "info", container.getString("SnapshotKey"))
                        .ok()
                        .out())
                .getString("Parent", "");
    }

    private static String parentByCtr(PrivateContainerd containerd, String image) {
        containerd.ctr("containers", "create", image, "parent").ok();
        try {
            return json(containerd.ctr("snapshots", "info", "parent").ok().out())
                    .getString("Parent");
        } finally {
            containerd.ctr("containers", "rm", "parent").ok();
        }
    }

    private static JsonObject json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
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
