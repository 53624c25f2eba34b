package io.waitdaemon.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Does the socket that is mounted into this container still lead to the engine? An engine that is started anew makes
 * another one at the same path; the mount goes on showing the old one, which nobody listens on any more.
 */
public final class SocketMount {

    // proc_pid_mountinfo(5): id parent device root mount-point ...; the kernel marks the root of a removed file
    private static final int ROOT_COLUMN = 3;
    private static final int MOUNT_POINT_COLUMN = 4;
    private static final String REMOVED = "//deleted";

    private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");

    private SocketMount() {}

    /** @throws EngineException of kind {@code CUT_OFF} when the mounted socket is that of an engine that has ended */
    public static void check(String engine, Path socket) {
        if (isSevered(MOUNT_INFO, socket)) {
            throw new EngineException(
                    EngineException.Kind.CUT_OFF,
                    engine + " has removed the socket \"" + socket
                            + "\" that this container was given; it makes another one when it starts");
        }
    }

    /**
     * Whether the file or folder that was mounted there is no longer the one at its path on the host.
     *
     * @param mountInfo of the process that sees the mount
     */
    public static boolean isSevered(Path mountInfo, Path mountPoint) {
        List<String> mounts;
        try {
            mounts = Files.readAllLines(mountInfo);
        } catch (IOException e) {
            return false;
        }
        return mounts.stream()
                .map(mount -> mount.split(" "))
                .anyMatch(columns -> columns.length > MOUNT_POINT_COLUMN
                        && columns[MOUNT_POINT_COLUMN].equals(mountPoint.toString())
                        && columns[ROOT_COLUMN].endsWith(REMOVED));
    }
}
