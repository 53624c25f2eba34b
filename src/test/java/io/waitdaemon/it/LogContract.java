package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Can a handoff be followed by its logs, and do they keep what an operator gave in confidence (SPEC §8)? */
abstract class LogContract extends ContractPart {

    private final String secret = newSecret();

    @Test
    void every_line_of_action_and_waiter_is_an_object_by_which_a_handoff_can_be_followed() {
        BegunAction.Ended ended = handOff(ActionRequest.of("false"));
        EngineContainer waiter = ended.action().waiter();
        waiter.endsWith(3);
        String action = shortened(ended.action().id());
        String target = shortened(ended.action().target().id());

        List<LogLine> handoff = LogLine.of(ended.log());
        List<LogLine> launch = LogLine.of(waiter.log());

        assertThat(handoff).allSatisfy(line -> isComplete(line, "handoff"));
        assertThat(handoff.getLast().ids())
                .hasToString("{\"action\":\"%s\",\"target\":\"%s\",\"waiter\":\"%s\"}"
                        .formatted(action, target, shortened(waiter.id())));
        assertThat(launch).hasSizeGreaterThanOrEqualTo(3).allSatisfy(line -> {
            isComplete(line, "launch");
            assertThat(line.ids().getString("action")).isEqualTo(action);
            assertThat(line.ids().getString("target")).isEqualTo(target);
        });
    }

    @Test
    void text_format_is_for_both() {
        BegunAction.Ended ended = handOff(ActionRequest.of("true").with("WAITDAEMON_LOG_FORMAT", "text"));
        EngineContainer waiter = ended.action().waiter();
        waiter.endsWith(0);

        assertThat(ended.log()).contains("Handed off: ");
        assertThat(waiter.log()).contains("The target ended with exit code 0");
        assertThat((ended.log() + waiter.log()).lines())
                .noneMatch(line -> line.startsWith("{"))
                .allMatch(line -> line.matches(".*\\b(INFO|WARN)\\b.*"));
    }

    @Test
    void environment_and_registry_credentials_show_in_no_log_and_no_command_line() throws IOException {
        String password = newSecret();
        BegunAction.Ended ended = handOff(ActionRequest.of("sh", "-c", "echo token $TOKEN; exec sleep 600")
                .with("TOKEN", secret)
                .with("DATABASE", "postgres://" + secret + ":" + secret + "@db.example/x")
                .with("WAITDAEMON_REGISTRY_USERNAME", "operator")
                .with("WAITDAEMON_REGISTRY_PASSWORD", password));
        EngineContainer target = ended.action().target();
        EngineContainer waiter = ended.action().waiter();
        target.awaitLog("token");

        List<String> commandLines = commandLines();
        engine().signal(target.id(), "KILL");
        waiter.endsWith(3);

        assertThat(commandLines).anyMatch(line -> line.contains("sleep"));
        assertThat(target.log()).isEqualTo("token " + secret + "\n");
        assertThat(waiter.log()).contains("SIGKILL", "token ***");
        for (String hidden : List.of(secret, password)) {
            assertThat(ended.log()).doesNotContain(hidden);
            assertThat(waiter.log()).doesNotContain(hidden);
            assertThat(commandLines).noneMatch(line -> line.contains(hidden));
        }
    }

    @Test
    void environment_is_masked_in_what_the_engine_says_of_a_target_that_cannot_start() {
        BegunAction.Ended ended = run(ActionRequest.of(secret).with("TOKEN", secret));
        String log;
        if (engine().refusesUnknownCommandsAtCreation()) {
            log = ended.endedWith(1).log();
        } else {
            ended.succeeded().action().waiter().endsWith(2);
            log = ended.action().waiter().log();
        }

        assertThat(log).contains("***").doesNotContain(secret);
    }

    @Test
    void dry_run_prints_the_plan_without_values_and_creates_nothing() {
        BegunAction.Ended ended = handOff(ActionRequest.of("reboot", "-f")
                .with("TOKEN", secret)
                .with("WAITDAEMON_DRY_RUN", "true")
                .with("WAITDAEMON_REGISTRY_USERNAME", "operator")
                .with("WAITDAEMON_REGISTRY_PASSWORD", secret));

        assertThat(ended.log())
                .contains("Dry run, nothing is created", "is present", "would start 0 s after")
                .contains("TOKEN=***", "reboot")
                .doesNotContain(secret, "WAITDAEMON_REGISTRY");
        assertNothingWasMade(ended.action());
    }

    private static void isComplete(LogLine line, String phase) {
        assertThat(line.json()).containsKeys("time", "level", "message", "phase", "ids");
        assertThat(line.json().getString("time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*");
        assertThat(line.json().getString("phase")).isEqualTo(phase);
    }

    /** Of all processes of this machine. */
    private static List<String> commandLines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                lines.add(readIfAlive(process.resolve("cmdline")));
            }
        }
        return lines;
    }

    private static String readIfAlive(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static String shortened(String id) {
        return id.substring(0, 12);
    }

    private static String newSecret() {
        return "hush" + UUID.randomUUID().toString().replace("-", "");
    }
}
