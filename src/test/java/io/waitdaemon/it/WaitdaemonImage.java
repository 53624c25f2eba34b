package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdPrograms;
import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.ImageArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The images under test, without nerdctl and with it: each built once a run of the application that Maven has just packaged,
 * as users build it.
 */
final class WaitdaemonImage {

    static final String NAME = "waitdaemon:it";

    /** {@code jvm} or {@code native}. */
    private static final String VARIANT = System.getProperty("waitdaemon.variant", "jvm");

    private static final String APP = System.getProperty("waitdaemon.app", "target/quarkus-app");
    private static final String WITH_NERDCTL = NAME + "-nerdctl";

    /** What lies where the AOT cache will be before the image is built, as if an earlier build had left it. */
    static final String STALE_CACHE = "a cache of other classes";

    private static final Path CACHE = Path.of("target/image-jvm/rootfs/app/waitdaemon.aot");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(2);
    private static final Path FOLDER = Path.of("target/it").toAbsolutePath();
    private static final Path ARCHIVE = FOLDER.resolve("waitdaemon.tar");
    private static final Path NERDCTL_ARCHIVE = FOLDER.resolve("waitdaemon-nerdctl.tar");

    private static final Set<String> BUILT = new HashSet<>();

    private WaitdaemonImage() {}

    /** Makes sure that the engine has the image under {@link #NAME}. */
    static synchronized void provide(DockerCli docker) {
        archive();
        if (!docker.knows(NAME)) {
            docker.run(LOAD_LIMIT, "load", "--quiet", "--input", ARCHIVE.toString())
                    .ok();
        }
    }

    /** The image as a file, for a containerd that {@link io.waitdaemon.engine.PrivateContainerd#add adds} it. */
    static synchronized ImageArchive archive() {
        return built(NAME, ARCHIVE);
    }

    /** The image that has nerdctl in it. */
    static synchronized ImageArchive withNerdctl() {
        String nerdctl = ContainerdPrograms.get().nerdctl().resolve("nerdctl").toString();
        return built(WITH_NERDCTL, NERDCTL_ARCHIVE, "--nerdctl", nerdctl);
    }

    /** What the busybox in the image prints, run by an engine that has the image. */
    static String busybox(DockerCli docker, String... words) {
        List<String> line = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
        line.addAll(List.of("--entrypoint", "/bin/busybox", NAME));
        line.addAll(List.of(words));
        return docker.ok(line.toArray(String[]::new)).out();
    }

    /** The command line of the program outside of any image. */
    static List<String> program() {
        return VARIANT.equals("native")
                ? List.of(APP)
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-jar",
                        APP + "/quarkus-run.jar");
    }

    private static ImageArchive built(String name, Path archive, String... options) {
        if (BUILT.add(name)) {
            List<String> line = new ArrayList<>(List.of("src/main/docker/build", VARIANT, name));
            line.addAll(List.of("--app", APP));
            line.addAll(List.of("--output", archive.toString()));
            line.addAll(List.of(options));
            build(line);
        }
        return new ImageArchive("docker.io/library/" + name, archive);
    }

    private static void build(List<String> line) {
        try {
            Files.createDirectories(FOLDER);
            Files.createDirectories(CACHE.getParent());
            Files.writeString(CACHE, STALE_CACHE);
            Process build = new ProcessBuilder(line).inheritIO().start();
            if (!build.waitFor(BUILD_LIMIT.toSeconds(), TimeUnit.SECONDS) || build.exitValue() != 0) {
                build.destroyForcibly();
                throw new AssertionError("src/main/docker/build failed; its output stands above");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
