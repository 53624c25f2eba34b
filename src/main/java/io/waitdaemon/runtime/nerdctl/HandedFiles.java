package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Files of this container that a nerdctl reads, wherever it is: one that runs among the host's processes sees them through
 * this process' root. Nobody but root can read them, and they go when this is closed.
 */
final class HandedFiles implements AutoCloseable {

    private static final Path USUAL = Path.of("/tmp");

    /** Writable in a container whose root is not. */
    private static final Path OTHER = Path.of("/dev/shm");

    private final Place place;
    private final List<Path> made = new ArrayList<>();

    HandedFiles(Place place) {
        this.place = place;
    }

    /** Where there can be such files, and others that a nerdctl in this image makes. */
    static Path folder() {
        return Files.isWritable(USUAL) ? USUAL : OTHER;
    }

    /** Writes the file; its path as nerdctl sees it. */
    String hand(String name, String contents) {
        try {
            Path folder = Files.createTempDirectory(
                    folder(),
                    "waitdaemon",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            made.add(folder);
            Path file = Files.createFile(
                    folder.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            made.add(file);
            Files.writeString(file, contents);
            return switch (place) {
                case BUNDLED -> file.toString();
                case HOST -> "/proc/" + ProcessHandle.current().pid() + "/root" + file;
            };
        } catch (IOException e) {
            throw new EngineException(
                    Kind.REFUSED,
                    "cannot write a file for nerdctl to " + folder() + ": " + e.getMessage()
                            + "; the action needs a writable " + USUAL,
                    e);
        }
    }

    @Override
    public void close() {
        Collections.reverse(made);
        for (Path path : made) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new EngineException(Kind.REFUSED, "cannot delete " + path + ": " + e.getMessage(), e);
            }
        }
        made.clear();
    }
}
