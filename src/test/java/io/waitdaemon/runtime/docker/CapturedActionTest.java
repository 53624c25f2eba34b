package io.waitdaemon.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.ContainerFacts;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.plan.HandoffPlan;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of actions that a test's own engine cannot run, privileged ones most of all? See captures/README.md. */
class CapturedActionTest {

    private static final JsonObject IMAGE = Json.object(capture("image"), "Config");

    @Test
    void privileged_target_is_asked_for_with_all_host_settings_of_the_action() {
        JsonObject action = capture("privileged");

        JsonObject body = derive(action).body();

        Map<String, JsonValue> wanted = new HashMap<>(Json.object(action, "HostConfig"));
        wanted.keySet().removeAll(Set.of("RestartPolicy", "AutoRemove", "ContainerIDFile"));
        wanted.put("Links", JsonValue.EMPTY_JSON_ARRAY);
        assertThat(Json.object(body, "HostConfig")).isEqualTo(wanted);
        assertThat(Json.isTrue(Json.object(body, "HostConfig"), "Privileged")).isTrue();
        assertThat(Json.text(Json.object(body, "HostConfig"), "PidMode")).isEqualTo("host");
        assertThat(Json.object(body, "HostConfig").getJsonArray("DeviceRequests"))
                .asString()
                .contains("\"gpu\"");
        assertThat(Json.texts(body, "Cmd")).containsExactly("reboot", "-f");
        assertThat(Json.texts(body, "Env")).containsExactly("IMAGE=alpine:3.22");
        assertThat(body).doesNotContainKeys("Entrypoint", "WorkingDir", "User");
    }

    @Test
    void hardware_address_and_fixed_address_are_kept() {
        JsonObject body = derive(capture("mac-address")).body();

        assertThat(Json.text(body, "MacAddress")).isEqualTo("02:42:ac:11:00:77");
        assertThat(Json.object(Json.object(body, "NetworkingConfig"), "EndpointsConfig"))
                .hasToString("{\"netA\":{\"IPAMConfig\":{\"IPv4Address\":\"198.18.1.77\"},\"Aliases\":[]}}");
        assertThat(body).doesNotContainKey("Hostname");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f", "f6", "f67e5111a54", "a", "f67e5111a54ee"})
    void hostname_that_only_looks_like_the_beginning_of_the_id_is_the_users(String hostname) {
        JsonObject action = capture("privileged");
        JsonObject config = Json.PROVIDER
                .createObjectBuilder(Json.object(action, "Config"))
                .add("Hostname", hostname)
                .build();

        JsonObject body = derive(Json.PROVIDER
                        .createObjectBuilder(action)
                        .add("Config", config)
                        .build())
                .body();

        assertThat(Json.text(body, "Hostname")).isEqualTo(hostname);
    }

    private static TargetRequest derive(JsonObject action) {
        ContainerFacts facts = new ContainerFacts(
                new ContainerId(Json.text(action, "Id")),
                Json.text(action, "Name").substring(1),
                true,
                1,
                false,
                Optional.empty(),
                List.of());
        HandoffPlan plan = new HandoffPlan(
                facts,
                ImageReference.parse("alpine:3.22"),
                Json.texts(Json.object(action, "Config"), "Cmd"),
                Duration.ofSeconds(10),
                "boot",
                Duration.ZERO,
                false);
        return TargetRequest.derive(action, IMAGE, plan, "engine-host");
    }

    private static JsonObject capture(String name) {
        String file = "/captures/docker-20.10/" + name + ".json";
        try (InputStream stream = Objects.requireNonNull(CapturedActionTest.class.getResourceAsStream(file), file)) {
            return Json.object(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
