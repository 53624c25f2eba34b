package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Are the files found in layers as the tools of the world write them? Those here are written by the machine's tar. */
class LayerFilesTest {

    private static final Set<String> NAMES = Set.of("etc/passwd", "etc/group");

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "pax", "ustar", "v7", "oldgnu"})
    void files_are_found_among_others_in_every_format(String format) throws Exception {
        write("etc/passwd", "root:x:0:0::/:/bin/sh\n");
        write("etc/group", "");
        write("etc/passwd-", "not this one");
        write("usr/etc/passwd", "nor this one");
        write("big", "x".repeat(100_000));
        List<String> options = new ArrayList<>(List.of("--format=" + format));
        if (format.equals("pax")) {
            options.add("--pax-option=comment=a global header");
            options.add("--xattrs");
        }
        if (format.equals("gnu") || format.equals("pax")) {
            write("a/" + "long/".repeat(50) + "name", "skipped");
        }

        assertThat(read(tar(options, "."))).isEqualTo(Map.of("etc/passwd", "root:x:0:0::/:/bin/sh\n", "etc/group", ""));
        assertThat(read(tar(options, "etc", "big"))).containsKeys("etc/passwd", "etc/group");
    }

    @Test
    void absolute_names_are_found() throws Exception {
        write("etc/passwd", "app:x:1:1::/:\n");

        assertThat(read(tar(List.of("--absolute-names", "--transform=s,^,/,"), "etc/passwd")))
                .isEqualTo(Map.of("etc/passwd", "app:x:1:1::/:\n"));
    }

    @Test
    void links_and_folders_of_the_name_are_no_files() throws Exception {
        Files.createDirectories(root.resolve("etc/group"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("../usr/passwd"));

        assertThat(read(tar(List.of(), "."))).isEmpty();
    }

    @Test
    void empty_layer_has_no_files_and_what_is_no_layer_is_an_error() throws Exception {
        assertThat(read(new byte[1024])).isEmpty();
        assertThat(read(new byte[0])).isEmpty();
        byte[] text = "this is no archive ".repeat(100).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessageContaining("no tar archive");
    }

    @Test
    void layer_that_breaks_off_is_an_error() throws Exception {
        write("etc/other", "x".repeat(5000));
        byte[] whole = tar(List.of(), "etc");

        assertThatThrownBy(() -> read(java.util.Arrays.copyOf(whole, 2000))).isInstanceOf(IOException.class);
    }

    private static Map<String, String> read(byte[] tar) throws IOException {
        return LayerFiles.readLayer(new ByteArrayInputStream(tar), NAMES);
    }

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private byte[] tar(List<String> options, String... names) throws Exception {
        List<String> line = new ArrayList<>(List.of("tar", "--create", "--directory=" + root));
        line.addAll(options);
        line.addAll(List.of(names));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] archive = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return archive;
    }
}
