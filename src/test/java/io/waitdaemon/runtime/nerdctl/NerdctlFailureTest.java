package io.waitdaemon.runtime.nerdctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines are nerdctl's own, of 2.2.1 and 2.3.5, as they came in the integration tests. */
class NerdctlFailureTest {

    private static final String ID = "677f45d2703967c7b14786330ae53a5378f50a42f6ef3b8e621d31ffe736f921";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOT_FOUND | 1 errors:\\nno such container: t2",
                "NOT_FOUND | 1 errors: [no such object w1]",
                "NOT_FOUND | rpc error: code = NotFound desc = task " + ID + " not found",
                "NOT_FOUND | no running task found: task " + ID + " not found",
                "NOT_FOUND | container \\\"" + ID + "\\\" in namespace \\\"tinkerbell\\\": not found",
                "UNAVAILABLE | cannot access containerd socket \\\"/run/containerd/containerd.sock\\\": connect: no such file",
                "UNAVAILABLE | error reading from server: EOF",
                "REFUSED | unable to start container process: exec: \\\"x\\\": executable file not found in $PATH",
                "REFUSED | image not available: \\\"target\\\""
            })
    void kind_is_told_from_the_words(Kind kind, String words) {
        assertThat(of("time=\"2026-11-26T18:54:29Z\" level=fatal msg=\"" + words + "\"")
                        .kind())
                .isEqualTo(kind);
    }

    @Test
    void words_are_those_of_the_last_failure_without_quotes_times_and_warnings() {
        EngineException failure = of(
                "time=\"2026-11-26T18:54:28Z\" level=warning msg=\"unable to determine buildctl version\" error=\"exec: x\"",
                "time=\"2026-11-26T18:54:29Z\" level=fatal msg=\"2 errors:\\nthis \\\"one\\\"\\n that\"");

        assertThat(failure).hasMessage("this \"one\"; that");
    }

    @Test
    void field_with_the_error_belongs_to_the_words() {
        assertThat(of("time=\"2026-11-26T18:54:29Z\" level=error msg=\"cannot do it\" error=\"no space left\" id=x"))
                .hasMessage("cannot do it: no space left");
    }

    @Test
    void words_of_other_programs_are_taken_as_they_are() {
        EngineException failure =
                NerdctlFailure.of(Place.HOST, 1, List.of("nsenter: can't open '/proc/1/ns/mnt': Permission denied"));

        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure).hasMessage("nsenter: can't open '/proc/1/ns/mnt': Permission denied");
    }

    @Test
    void silence_is_told_with_the_exit_code() {
        assertThat(NerdctlFailure.of(Place.BUNDLED, 2, List.of()))
                .hasMessage("nerdctl in this image ended with exit code 2 and said nothing");
    }

    /** The threads of the image have small stacks. */
    @Test
    void message_may_be_long() throws InterruptedException {
        String[] shown = {""};
        Thread small = new Thread(
                null,
                () -> shown[0] = of("time=\"x\" level=fatal msg=\"" + "a \\\"b\\\" ".repeat(100_000) + "\"")
                        .getMessage(),
                "small",
                1 << 17);
        small.start();
        small.join();

        assertThat(shown[0]).startsWith("a \"b\" a ").hasSizeGreaterThan(500_000);
    }

    private static EngineException of(String... lines) {
        return NerdctlFailure.of(Place.BUNDLED, 1, List.of(lines));
    }
}
