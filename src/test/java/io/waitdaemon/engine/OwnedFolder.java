package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A numbered folder such as {@code /tmp/wd-engine-0} that belongs to one living JVM. A JVM that was killed leaves its
 * folders behind; the next one sees from the {@code owner} file that nobody lives there any more, and clears up.
 *
 * <p>The owner is written as boot id, process id and start time in clock ticks, so that a process id that was given out
 * a second time is not taken for the owner.
 */
record OwnedFolder(Path path, int number) {

    private static final int NUMBERS = 32;

    /** Unix socket paths end at 107 characters; the longest name below a folder has about 40. */
    private static final int LONGEST = 60;

    /** A folder without an owner is either being set up or the remains of a clean-up that was killed itself. */
    private static final Duration SETTING_UP = Duration.ofMinutes(2);

    /** The first free number. Sweeps the remains of dead JVMs first. */
    static OwnedFolder claim(String kind) {
        sweep(kind);
        for (int number = 0; number < NUMBERS; number++) {
            Optional<OwnedFolder> folder = tryClaim(kind, number);
            if (folder.isPresent()) {
                return folder.get();
            }
        }
        throw new IllegalStateException(
                "All of " + base().resolve(kind + "-0") + " … " + (NUMBERS - 1) + " are in use");
    }

    static Optional<OwnedFolder> tryClaim(String kind, int number) {
        Path path = base().resolve(kind + "-" + number);
        try {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
            Files.writeString(
                    path.resolve("owner"),
                    identity(ProcessHandle.current().pid()).orElseThrow());
            return Optional.of(new OwnedFolder(path, number));
        } catch (FileAlreadyExistsException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + path, e);
        }
    }

    static int numbers() {
        return NUMBERS;
    }

    /** Clears what dead JVMs left of this kind: processes, mounts, bridges, folders. */
    static void sweep(String kind) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(base(), kind + "-*")) {
            for (Path folder : folders) {
                if (folder.getFileName().toString().matches(kind + "-\\d+") && takeOver(folder)) {
                    Leftovers.clear(folder);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot look for leftovers in " + base(), e);
        }
    }

    /** Ends everything that lives in the folder, and the folder. */
    void delete() {
        Leftovers.clear(path);
    }

    private static Path base() {
        Path tmp = Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
        return tmp.toString().length() <= LONGEST ? tmp : Path.of("/tmp");
    }

    /** Only one of several JVMs that find the same remains may clear them: the one whose rename succeeds. */
    private static boolean takeOver(Path folder) {
        Path owner = folder.resolve("owner");
        try {
            String text = Files.readString(owner);
            String[] parts = text.split(" ");
            if (parts.length == 3
                    && identity(Long.parseLong(parts[1])).filter(text::equals).isPresent()) {
                return false;
            }
            Files.move(
                    owner, folder.resolve("swept-by-" + ProcessHandle.current().pid()), StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            return abandoned(folder);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean abandoned(Path folder) {
        try {
            return Files.getLastModifiedTime(folder)
                    .toInstant()
                    .isBefore(Instant.now().minus(SETTING_UP));
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<String> identity(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // proc(5): the name in parentheses may hold blanks; starttime is field 22, the 20th after it
            String started = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            return Optional.of(boot + " " + pid + " " + started);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
