package io.waitdaemon.it;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.ImageArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The image under test: built once a run of the application that Maven has just packaged, as users build it. */
final class WaitdaemonImage {

    static final String NAME = "waitdaemon:it";

    /** What lies where the AOT cache will be before the image is built, as if an earlier build had left it. */
    static final String STALE_CACHE = "a cache of other classes";

    private static final Path CACHE = Path.of("target/image-jvm/rootfs/app/waitdaemon.aot");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(2);
    private static final Path ARCHIVE = Path.of("target/it/waitdaemon.tar").toAbsolutePath();

    private static boolean built;

    private WaitdaemonImage() {}

    /** Makes sure that the engine has the image under {@link #NAME}. */
    static synchronized void provide(DockerCli docker) {
        buildOnce();
        if (!docker.knows(NAME)) {
            docker.run(LOAD_LIMIT, "load", "--quiet", "--input", ARCHIVE.toString())
                    .ok();
        }
    }

    /** The image as a file, for a containerd that {@link io.waitdaemon.engine.PrivateContainerd#add adds} it. */
    static synchronized ImageArchive archive() {
        buildOnce();
        return new ImageArchive("docker.io/library/" + NAME, ARCHIVE);
    }

    private static void buildOnce() {
        if (!built) {
            build();
            built = true;
        }
    }

    private static void build() {
        try {
            Files.createDirectories(ARCHIVE.getParent());
            Files.createDirectories(CACHE.getParent());
            Files.writeString(CACHE, STALE_CACHE);
            String app = System.getProperty("waitdaemon.app", "target/quarkus-app");
            Process build = new ProcessBuilder(
                            "src/main/docker/build", "jvm", NAME, "--app", app, "--output", ARCHIVE.toString())
                    .inheritIO()
                    .start();
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
