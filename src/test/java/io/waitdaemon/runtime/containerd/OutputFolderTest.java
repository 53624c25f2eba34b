package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does the machine's shell, started as a shim starts it, keep all of the output? */
class OutputFolderTest {

    private static final ContainerId ID = new ContainerId("0a".repeat(32));

    @TempDir
    private Path machine;

    private Path programs;
    private OutputFolder json;

    @BeforeEach
    void prepare() throws IOException {
        programs = Files.createDirectory(machine.resolve("bin"));
        Nerdctl nerdctl = new Nerdctl(machine.resolve("it's nerdctl's"));
        json = OutputFolder.of(nerdctl, "/run/c.sock", "tinkerbell", ID);
    }

    @Test
    void lines_become_those_of_the_json_file_driver() throws Exception {
        run(json.uri(), "plain\n\"quoted\" \\n & \\\\\ttab \u001b[1mbold\r\nUmläut\nno newline", "");

        assertThat(logged("stdout"))
                .containsExactly("plain\n", "\"quoted\" \\n & \\\\\ttab \u001b[1mbold\r\n", "Umläut\n", "no newline\n");
    }

    @Test
    void nothing_but_a_zero_byte_is_lost() throws Exception {
        run(json.uri(), "before\0\u0001after\n\0\nend\n", "");

        assertThat(logged("stdout")).containsExactly("before\u0001after\n", "\n", "end\n");
    }

    @Test
    void each_stream_has_its_name() throws Exception {
        run(json.uri(), "out\n", "err\n");

        assertThat(logged("stdout")).containsExactly("out\n");
        assertThat(logged("stderr")).containsExactly("err\n");
    }

    @Test
    void streams_do_not_tear_each_others_lines() throws Exception {
        run(json.uri(), "out\n".repeat(2000), "err\n".repeat(2000));

        assertThat(logged("stdout")).hasSize(2000).containsOnly("out\n");
        assertThat(logged("stderr")).hasSize(2000).containsOnly("err\n");
    }

    @Test
    void output_is_kept_as_it_is_where_awk_does_not_serve() throws Exception {
        Path awk = Files.writeString(programs.resolve("awk"), "#!/bin/sh\nexit 1\n");
        assertThat(awk.toFile().setExecutable(true)).isTrue();

        run(json.uri(), "out\n", "");

        assertThat(json.folder().resolve(OutputFolder.OUTPUT)).hasContent("out\n");
    }

    @Test
    void folder_of_the_user_gets_a_file_for_each_stream() throws Exception {
        OutputFolder plain = OutputFolder.plain(machine.resolve("my folder"), ID);

        run(plain.uri(), "out\n", "err\n");

        assertThat(plain.folder()).isEqualTo(machine.resolve("my folder").resolve(ID.value()));
        assertThat(plain.folder().resolve("stdout")).hasContent("out\n");
        assertThat(plain.folder().resolve("stderr")).hasContent("err\n");
    }

    @Test
    void files_are_made_once() throws Exception {
        run(json.uri(Map.of("hosts", "127.0.0.1 it's me\n")), "", "");
        run(json.uri(Map.of("hosts", "changed")), "", "");

        assertThat(json.folder().resolve("hosts")).hasContent("127.0.0.1 it's me\n");
    }

    @Test
    void removal_leaves_nothing() throws Exception {
        run(json.uri(), "out\n", "");

        shell(OutputFolder.removal(json.folder()));

        assertThat(json.folder()).doesNotExist();
        assertThat(json.folder().getParent()).exists();
    }

    @Test
    void words_of_the_shell_are_quoted_and_those_of_addresses_encoded() {
        assertThat(HostShell.quoted("it's $HOME `x` \"y\"")).isEqualTo("'it'\\''s $HOME `x` \"y\"'");
        assertThat(HostShell.quoted("")).isEqualTo("''");
        assertThat(HostShell.encoded("a b+c&d=%ü;")).isEqualTo("a%20b%2Bc%26d%3D%25%C3%BC%3B");
    }

    private List<String> logged(String stream) throws IOException {
        return Files.readAllLines(json.folder().resolve(ID + "-json.log")).stream()
                .map(Json::object)
                .filter(line -> Json.text(line, "stream").equals(stream))
                .peek(line -> assertThat(Json.text(line, "time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"))
                .map(line -> Json.text(line, "log"))
                .toList();
    }

    /** As containerd's shim does: the streams at 3 and 4, and a pipe at 5 that is closed when the program is ready. */
    private void run(String uri, String out, String err) throws Exception {
        String script = URLDecoder.decode(uri.substring("binary:///bin/sh?-c=".length()), StandardCharsets.UTF_8);
        Path stdout = Files.writeString(machine.resolve("3"), out);
        Path stderr = Files.writeString(machine.resolve("4"), err);
        shell("exec /bin/sh -c " + HostShell.quoted(script) + " 3<'" + stdout + "' 4<'" + stderr + "' 5>/dev/null");
    }

    private void shell(String command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command).inheritIO();
        builder.environment().put("PATH", programs + ":/usr/bin:/bin");
        assertThat(builder.start().waitFor()).isZero();
    }
}
