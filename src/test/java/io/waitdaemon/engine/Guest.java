package io.waitdaemon.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A machine that really reboots and kexecs: a guest under QEMU, of Debian's packages, made by {@code src/test/guest/build}.
 *
 * <p>By plain emulation, since KVM does not work on every machine that has {@code /dev/kvm}; so it is slow, some ten times. It is
 * started once a flavour: {@link #keep} and {@link #restore} bring it back in a second to the moment when its engine answered
 * and had its images.
 */
public final class Guest implements AutoCloseable {

    private static final Duration BUILD_LIMIT = Duration.ofMinutes(10);
    private static final Duration BOOT_LIMIT = Duration.ofMinutes(3);
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(2);
    private static final String KEPT = "kept";

    private final OwnedFolder folder;
    private final List<String> options;
    private Qemu qemu;
    private GuestControl control;

    private Guest(OwnedFolder folder, List<String> options) {
        this.folder = folder;
        this.options = options;
        this.qemu = Qemu.start(folder.path(), options);
        this.control = GuestControl.connect(folder.path().resolve("control"));
    }

    /** Starts one, and returns when its engine answers and has these images. Needs root. */
    public static Guest start(GuestFlavour flavour, String suite, int megabytes, List<ImageArchive> images) {
        Path built = build(suite);
        OwnedFolder folder = OwnedFolder.claim("wd-guest");
        Runtime.getRuntime().addShutdownHook(new Thread(folder::delete, "stop the guest"));
        Guest guest = new Guest(folder, options(folder.path(), built, flavour, megabytes, images));
        guest.awaitEngine(flavour, images.size());
        return guest;
    }

    /** Keeps this moment, memory and disk. */
    public void keep() {
        qemu.monitor().monitor("savevm " + KEPT);
    }

    /**
     * Back to that moment, whatever has become of the machine since. It is another process of QEMU then: the emulated time
     * stamp counter of one never goes back (cpu_get_ticks, QEMU 7.2), so the guest's clock would leap.
     */
    public GuestConsole restore() {
        control.close();
        qemu.quit();
        List<String> kept = new ArrayList<>(options);
        kept.addAll(List.of("-loadvm", KEPT));
        qemu = Qemu.start(folder.path(), kept);
        control = GuestControl.connect(folder.path().resolve("control"));
        return console();
    }

    /** What it has written since it was started or restored. */
    private GuestConsole console() {
        return new GuestConsole(folder.path().resolve("console"), qemu::isAlive);
    }

    /** Runs a command line as root, in no container, to its end. */
    public Result run(String command) {
        return control.run(command, COMMAND_LIMIT);
    }

    /** As the reset button does: nothing is written to the disk that was not there yet. */
    public void reset() {
        qemu.monitor().execute("system_reset");
    }

    @Override
    public void close() {
        control.close();
        folder.delete();
    }

    private void awaitEngine(GuestFlavour flavour, int images) {
        try {
            console().await("GUEST: engine answers", BOOT_LIMIT);
            for (int i = 0; i < images; i++) {
                run(flavour.importing("/dev/vd" + (char) ('b' + i))).ok();
            }
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private static List<String> options(
            Path folder, Path built, GuestFlavour flavour, int megabytes, List<ImageArchive> images) {
        Path disk = folder.resolve("disk");
        Command.run(words("%s create -q -f qcow2 -F raw -b %s/disk %s".formatted(Command.need("qemu-img"), built, disk))
                        .toArray(String[]::new))
                .ok();
        List<String> line = new ArrayList<>();
        line.addAll(words("-nodefaults -no-user-config -display none -machine q35 -smp 1 -m %dM".formatted(megabytes)));
        // QEMU 7.2 emulates cmpxchg16b such that it damages the flags, and the kernel crashes
        line.addAll(words("-accel tcg -cpu Nehalem,-cx16"));
        line.addAll(words("-kernel %s/vmlinuz -initrd %s/initrd".formatted(built, built)));
        line.addAll(
                List.of("-append", "console=ttyS0 loglevel=6 systemd.show_status=0 guest.flavour=" + flavour.word()));
        line.addAll(words("-chardev file,id=console,path=%s/console -serial chardev:console".formatted(folder)));
        line.addAll(words("-device virtio-serial-pci -device virtserialport,chardev=control,name=control"));
        line.addAll(words("-chardev socket,id=control,path=%s/control,server=on,wait=off".formatted(folder)));
        line.addAll(words("-device virtio-rng-pci -drive file=%s,format=qcow2,if=virtio,cache=unsafe".formatted(disk)));
        for (ImageArchive image : images) {
            line.addAll(words("-drive file=%s,format=raw,if=virtio,readonly=on".formatted(image.file())));
        }
        return line;
    }

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }

    /** A minute on a new machine, and nothing after that. */
    private static Path build(String suite) {
        ContainerdPrograms programs = ContainerdPrograms.get();
        Result made = Command.run(
                List.of(
                        "src/test/guest/build",
                        suite,
                        programs.oldNerdctl().resolve("nerdctl").toString(),
                        programs.agent().resolve("agent").toString()),
                Map.of(),
                BUILD_LIMIT);
        return Path.of(made.ok().line().substring("guest=".length()));
    }
}
