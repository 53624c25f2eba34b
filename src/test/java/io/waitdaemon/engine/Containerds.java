package io.waitdaemon.engine;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The containerds that all integration tests of a run share, one a version. Each starts with the first test that asks for
 * it and ends with the JVM. A test that stops, kills or reconfigures one takes its own: {@link PrivateContainerd#create}.
 */
public final class Containerds {

    /** Names the lock of classes that use the shared engines: one at a time, while others may run beside it. */
    public static final String LOCK = "shared containerds";

    private static final List<String> PROGRAMS = List.of("unshare", "nsenter", "mount");

    private static final Map<ContainerdVersion, PrivateContainerd> SHARED = new EnumMap<>(ContainerdVersion.class);

    private static @Nullable PrivateContainerd machine;

    private Containerds() {}

    /**
     * The shared one of this version, running. Where none can run, the test is aborted (not passed) with the reason; with
     * {@code -Dwaitdaemon.engine=required} it fails.
     */
    public static synchronized PrivateContainerd shared(ContainerdVersion version) {
        require();
        return running(SHARED.computeIfAbsent(version, PrivateContainerd::create));
    }

    /** The shared one that is a machine of its own, with nerdctl on its host, running; or none, as {@link #shared}. */
    public static synchronized PrivateContainerd sharedMachine() {
        require();
        PrivateContainerd shared = machine;
        if (shared == null) {
            shared = PrivateContainerd.machine(ContainerdVersion.V2_1);
            machine = shared;
        }
        return running(shared);
    }

    private static PrivateContainerd running(PrivateContainerd containerd) {
        return containerd.running() ? containerd : containerd.start();
    }

    /**
     * Installs what is missing, and aborts or fails the test where {@link PrivateContainerd} still cannot run; tests with
     * one of their own call it first.
     */
    public static void require() {
        Engine.require();
        Engine.require(Containerds::missing);
    }

    private static Optional<String> missing() {
        List<String> absent = PROGRAMS.stream()
                .filter(program -> Command.find(program).isEmpty())
                .toList();
        return absent.isEmpty()
                ? ContainerdPrograms.missing()
                : Optional.of("Not installed: " + String.join(", ", absent) + " (Debian: util-linux, mount).");
    }
}
