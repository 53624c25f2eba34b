package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.ContainerdVersion;
import io.waitdaemon.engine.Containerds;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import io.waitdaemon.it.FidelityRows.Row;
import jakarta.json.JsonObject;
import java.io.IOException;
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
import org.junit.jupiter.params.provider.MethodSource;

@ResourceLock(Containerds.LOCK)
class NerdctlFidelityIT {

    private static final List<String> NEVER = List.of("--env", "WAIT_SECONDS=600", "--env", "IMAGE=target");
    private static final ContainerdRoute ROUTE = ContainerdRoute.BUNDLED_NERDCTL;

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
    void target_has_the_specification_of_an_action_of_the_agent(Row row) throws IOException {
        List<String> options = new ArrayList<>(ROUTE.options(containerd(), true));
        options.addAll(NEVER);
        options.addAll(row.flags());
        if (row.name().contains("control group")) options.addAll(List.of("--pid", "host"));
        options.addAll(List.of(
                "--spec-patch",
                Files.writeString(
                                Files.createTempFile(containerd().folder(), "patch", ".json"),
                                row.flags().contains("--unprivileged") ? admitted(row.patch()) : row.patch())
                        .toString()));
        show(row, ComparedHandoff.ofAgent(containerd(), ROUTE, options, "echo", "two words"));
    }

    static Stream<Row> agentRows() {
        return rows().ofAgent();
    }

    @ParameterizedTest
    @MethodSource("nerdctlRows")
    void target_has_the_specification_of_an_action_of_nerdctl(Row row) {
        List<String> options = new ArrayList<>(ROUTE.options(containerd(), true));
        options.addAll(NEVER);
        options.addAll(List.of("--cap-add", "SYS_ADMIN"));
        options.addAll(row.flags());
        show(row, ComparedHandoff.ofNerdctl(containerd(), ROUTE, options, "echo", "two words"));
    }

    static Stream<Row> nerdctlRows() {
        return rows().ofNerdctl();
    }

    private static JsonObject imageLabels() {
        try (var reader = jakarta.json.Json.createReader(new java.io.StringReader(containerd()
                .nerdctl(
                        "image",
                        "inspect",
                        "--format",
                        "{{json .Config.Labels}}",
                        ROUTE.image().reference())
                .ok()
                .out()))) {
            return reader.readObject();
        }
    }

    /** With what nerdctl takes to look into an image. */
    private static String admitted(String patch) {
        try (var reader = jakarta.json.Json.createReader(new java.io.StringReader(patch))) {
            JsonObject json = reader.readObject();
            JsonObject process =
                    json.containsKey("process") ? json.getJsonObject("process") : JsonObject.EMPTY_JSON_OBJECT;
            JsonObject caps = process.containsKey("capabilities")
                    ? process.getJsonObject("capabilities")
                    : JsonObject.EMPTY_JSON_OBJECT;
            var builder = jakarta.json.Json.createObjectBuilder(caps);
            for (String set : List.of("bounding", "effective", "permitted")) {
                var array = caps.containsKey(set)
                        ? jakarta.json.Json.createArrayBuilder(caps.getJsonArray(set))
                        : jakarta.json.Json.createArrayBuilder(List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE"));
                builder.add(set, array.add("CAP_SYS_ADMIN"));
            }
            return jakarta.json.Json.createObjectBuilder(json)
                    .add(
                            "process",
                            jakarta.json.Json.createObjectBuilder(process).add("capabilities", builder))
                    .build()
                    .toString();
        }
    }

    private static void show(Row row, ComparedHandoff handoff) {
        StringBuilder text = new StringBuilder("ROW " + row + "\n");
        try {
            text.append(handoff.log()).append("\n");
            if (handoff.exit() == 0) {
                Map<String, String> a = ContainerdSettings.of(SortedContainer.of(handoff.action()), imageLabels());
                Map<String, String> t = ContainerdSettings.of(SortedContainer.of(handoff.target()), imageLabels());
                a.forEach((k, v) -> {
                    if (!v.equals(t.get(k))) text.append("- " + k + "=" + v + "\n");
                });
                t.forEach((k, v) -> {
                    if (!v.equals(a.get(k))) text.append("+ " + k + "=" + v + "\n");
                });
            }
        } finally {
            handoff.clear();
        }
        try {
            Files.writeString(
                    java.nio.file.Path.of("/tmp/log/rows"),
                    text,
                    java.nio.file.StandardOpenOption.APPEND,
                    java.nio.file.StandardOpenOption.CREATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(handoff.exit()).as(handoff.log()).isZero();
    }
}
