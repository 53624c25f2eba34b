package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.containerd.api.Container;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of specifications that the tests' own machine cannot run, or their own tools cannot write? */
class TargetSpecTest {

    private static final String ID = "a".repeat(64);
    private static final ContainerId TARGET = new ContainerId("b".repeat(64));
    private static final Path OUTPUT = Path.of("/var/lib/nerdctl/1/containers/tinkerbell", TARGET.value());

    @Test
    void fields_that_nobody_here_knows_are_kept_wherever_they_are() {
        JsonObject target = derive("""
                {"ociVersion": "9.9", "future": {"a": [1, {"b": null}]},
                 "process": {"future": 1.5, "args": ["x"], "user": {"uid": 0, "gid": 0, "future": true, "umask": 18},
                   "apparmorProfile": "some", "selinuxLabel": "a:b:c", "scheduler": {"policy": "SCHED_FIFO"},
                   "ioPriority": {"class": "IOPRIO_CLASS_BE"}},
                 "root": {"path": "rootfs", "future": 1},
                 "linux": {"future": [], "namespaces": [{"type": "time", "future": 1}, {"type": "user"}],
                   "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
                   "timeOffsets": {"boottime": {"secs": 1}}, "mountLabel": "a:b:c", "intelRdt": {"closID": "x"}},
                 "mounts": [{"destination": "/x", "future": 1, "uidMappings": []}],
                 "vm": {"kernel": {"path": "/k"}}}
                """);

        assertThat(at(target, "/future/a/1")).isEqualTo("{\"b\":null}");
        assertThat(at(target, "/ociVersion")).isEqualTo("\"9.9\"");
        assertThat(at(target, "/process/future")).isEqualTo("1.5");
        assertThat(at(target, "/process/user/future")).isEqualTo("true");
        assertThat(at(target, "/process/user/umask")).isEqualTo("18");
        assertThat(at(target, "/process/apparmorProfile")).isEqualTo("\"some\"");
        assertThat(at(target, "/process/selinuxLabel")).isEqualTo("\"a:b:c\"");
        assertThat(at(target, "/process/scheduler/policy")).isEqualTo("\"SCHED_FIFO\"");
        assertThat(at(target, "/process/ioPriority/class")).isEqualTo("\"IOPRIO_CLASS_BE\"");
        assertThat(at(target, "/root")).isEqualTo("{\"path\":\"rootfs\",\"future\":1}");
        assertThat(at(target, "/linux/namespaces")).isEqualTo("[{\"type\":\"time\",\"future\":1},{\"type\":\"user\"}]");
        assertThat(at(target, "/linux/uidMappings/0/hostID")).isEqualTo("1000");
        assertThat(at(target, "/linux/timeOffsets/boottime/secs")).isEqualTo("1");
        assertThat(at(target, "/linux/mountLabel")).isEqualTo("\"a:b:c\"");
        assertThat(at(target, "/linux/intelRdt/closID")).isEqualTo("\"x\"");
        assertThat(at(target, "/mounts")).isEqualTo("[{\"destination\":\"/x\",\"future\":1,\"uidMappings\":[]}]");
        assertThat(at(target, "/vm/kernel/path")).isEqualTo("\"/k\"");
    }

    @ParameterizedTest
    @CsvSource({
        "/tinkerbell/ID, /tinkerbell/TARGET",
        "system.slice:nerdctl:ID, system.slice:nerdctl:TARGET",
        "'', /tinkerbell/TARGET",
        "/custom, /custom-SHORT",
        "custom.slice:a:b, custom.slice:a:b-SHORT"
    })
    void control_group_is_beside_the_actions(String own, String targets) {
        JsonObject target = derive("{\"linux\": {\"cgroupsPath\": \"" + own.replace("ID", ID) + "\"}}");

        assertThat(at(target, "/linux/cgroupsPath"))
                .isEqualTo('"' + targets.replace("TARGET", TARGET.value()).replace("SHORT", TARGET.shortForm()) + '"');
    }

    @Test
    void hooks_and_annotations_of_the_engines_client_are_replaced() {
        JsonObject target = derive("""
                {"hooks": {"poststop": [{"path": "/bin/true"}]}, "annotations": {"rack": "7", "nerdctl/x": "y"}}
                """);

        assertThat(target).doesNotContainKey("hooks");
        assertThat(at(target, "/annotations")).isEqualTo("{\"rack\":\"7\",\"nerdctl/name\":\"target\"}");
    }

    @Test
    void hostname_that_is_the_actions_id_becomes_the_targets_and_another_stays() {
        String uts = "\"linux\": {\"namespaces\": [{\"type\": \"uts\"}]}}";

        assertThat(at(derive("{\"hostname\": \"" + ID.substring(0, 12) + "\", " + uts), "/hostname"))
                .isEqualTo('"' + TARGET.shortForm() + '"');
        assertThat(at(derive("{\"hostname\": \"machine-1\", " + uts), "/hostname"))
                .isEqualTo("\"machine-1\"");
        assertThat(derive("{" + uts)).doesNotContainKey("hostname");
    }

    @Test
    void files_of_the_engines_client_are_replaced_unless_the_user_mounted_some_there() {
        JsonObject target = derive("""
                {"mounts": [
                  {"destination": "/etc/hosts", "source": "/home/user/hosts", "options": ["rbind"]},
                  {"destination": "/etc/resolv.conf", "source": "/tmp/tink-dns-1/resolv.conf"},
                  {"destination": "/etc/hosts", "source": "/tmp/tink-dns-1/hosts"},
                  {"destination": "/etc/hostname", "source": "/var/lib/nerdctl/1/containers/x/%s/hostname"},
                  {"destination": "/srv", "source": "/tmp/tink-dns-1/hosts"}]}
                """.formatted(ID));

        assertThat(Json.objects(target, "mounts"))
                .extracting(mount -> Json.text(mount, "destination") + " " + Json.text(mount, "source"))
                .containsExactly(
                        "/etc/hosts /home/user/hosts",
                        "/srv /tmp/tink-dns-1/hosts",
                        "/etc/resolv.conf " + OUTPUT + "/resolv.conf",
                        "/etc/hostname " + OUTPUT + "/hostname");
    }

    @Test
    void image_without_anything_to_run_is_refused_unless_the_action_says_what() {
        StoredImage empty = new StoredImage("docker.io/library/target:latest", JsonValue.EMPTY_JSON_OBJECT, List.of());

        assertThatThrownBy(() -> derive("{}", empty, List.of()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("neither an entrypoint nor a command")
                .hasMessageContaining("give the action a command");
        assertThat(at(derive("{}", empty, List.of("ls")), "/process/args")).isEqualTo("[\"ls\"]");
    }

    @Test
    void groups_that_the_user_added_are_kept_beside_the_images() {
        JsonObject target = derive("{\"process\": {\"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [0, 44]}}}");

        assertThat(at(target, "/process/user/additionalGids")).isEqualTo("[5,44]");
    }

    private static JsonObject derive(String spec) {
        return derive(
                spec,
                new StoredImage(
                        "docker.io/library/target:latest",
                        Json.object("{\"config\": {\"Cmd\": [\"true\"]}}"),
                        List.of()),
                List.of());
    }

    private static JsonObject derive(String spec, StoredImage image, List<String> command) {
        Container record = Container.newBuilder()
                .setId(ID)
                .setSpec(ContainerCreation.spec(Json.object(spec)))
                .build();
        ContainerFacts facts =
                new ContainerFacts(new ContainerId(ID), "action", true, 1, false, Optional.empty(), List.of());
        HandoffPlan plan = new HandoffPlan(
                facts, ImageReference.parse("target"), command, Duration.ZERO, "boot", Duration.ZERO, false);
        JsonObject user = ImageUser.of("4:5", Map.of());
        TargetSpec target =
                new TargetSpec(OwnContainer.of("tinkerbell", record), JsonValue.EMPTY_JSON_OBJECT, plan, image, user);
        return target.derive(TARGET, new Network.None(), Map.of("nerdctl/name", "target"), OUTPUT);
    }

    private static String at(JsonObject spec, String pointer) {
        return spec.getValue(pointer).toString();
    }
}
