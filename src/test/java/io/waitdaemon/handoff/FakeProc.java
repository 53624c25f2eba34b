package io.waitdaemon.handoff;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The two files of /proc that tell of the machine's time and boots, in a folder. */
record FakeProc(Path folder) {

    FakeProc bootId(String id) {
        return write("sys/kernel/random/boot_id", id + "\n");
    }

    FakeProc uptime(Duration uptime) {
        return write("uptime", "%d.%02d 12345.67\n".formatted(uptime.toSeconds(), uptime.toMillisPart() / 10));
    }

    private FakeProc write(String file, String content) {
        try {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
