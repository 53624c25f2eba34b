package io.waitdaemon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Is a mount of a socket that the engine has removed told from one that it still listens on? */
class SocketMountTest {

    private static final Path SOCKET = Path.of("/run/docker.sock");

    // Linux 6.18: a socket that was bind-mounted, before and after another one had taken its place
    private static final String MOUNTED =
            "110 176 254:0 /tmp/host/docker.sock /run/docker.sock rw,relatime - ext4 /dev/vda"
                    + " rw,discard,resv_strict,resuid=65534,resgid=65534\n";
    private static final String REMOVED = MOUNTED.replace("/host/docker.sock", "/host/docker.sock//deleted");

    @TempDir
    private Path folder;

    @Test
    void socket_that_is_still_there_is_not_severed() throws IOException {
        assertThat(severed(MOUNTED)).isFalse();
    }

    @Test
    void socket_that_was_removed_is_severed() throws IOException {
        assertThat(severed(REMOVED)).isTrue();
    }

    @Test
    void removed_file_of_another_mount_says_nothing() throws IOException {
        assertThat(severed(MOUNTED + REMOVED.replace("/run/docker.sock rw", "/etc/hosts rw")))
                .isFalse();
    }

    @Test
    void what_cannot_be_read_says_nothing() throws IOException {
        assertThat(severed("")).isFalse();
        assertThat(SocketMount.isSevered(folder.resolve("absent"), SOCKET)).isFalse();
    }

    private boolean severed(String mountInfo) throws IOException {
        Path file = Files.writeString(folder.resolve("mountinfo"), mountInfo);
        return SocketMount.isSevered(file, SOCKET);
    }
}
