package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image as a file, in the format of {@code docker save}, for engines that can import it. The test images are those of
 * {@link TestImage}, made without any engine.
 *
 * @param reference the full name, with registry and tag, as containerd will know it
 */
public record ImageArchive(String reference, Path file) {

    private static final String LIBRARY = "docker.io/library/";
    private static final Map<String, ImageArchive> MADE = new LinkedHashMap<>();

    private static @Nullable OwnedFolder folder;

    public ImageArchive {
        if (!reference.matches("[^/]*[.:][^/]*/.+:[^/]+")) {
            throw new IllegalArgumentException(
                    "'" + reference + "' is not a full image name such as " + LIBRARY + "target:latest");
        }
    }

    /** {@code target:latest}, see {@link TestImage#target}. */
    public static ImageArchive target() {
        return known(
                "target:latest",
                Json.createObjectBuilder()
                        .add("Env", Json.createArrayBuilder().add(TestImage.PATH))
                        .add("Cmd", Json.createArrayBuilder().add("echo").add("the target ran"))
                        .build());
    }

    /** {@code target:configured}, see {@link TestImage#configured}. */
    public static ImageArchive configured() {
        return known(
                "target:configured",
                Json.createObjectBuilder()
                        .add(
                                "Env",
                                Json.createArrayBuilder()
                                        .add(TestImage.PATH)
                                        .add("GREETING=hello from the image")
                                        .add("SHARED=image"))
                        .add("Entrypoint", Json.createArrayBuilder().add("/bin/show"))
                        .add("Cmd", Json.createArrayBuilder().add("default"))
                        .add("WorkingDir", "/srv/app")
                        .add("User", "app")
                        .add("Labels", Json.createObjectBuilder().add("org.example.origin", "image"))
                        .add("ExposedPorts", Json.createObjectBuilder().add("8080/tcp", JsonObject.EMPTY_JSON_OBJECT))
                        .add("Volumes", Json.createObjectBuilder().add("/var/lib/app", JsonObject.EMPTY_JSON_OBJECT))
                        .build());
    }

    /** The same files with other settings, as the {@code config} of an image configuration (OCI image spec, config.md). */
    public static synchronized ImageArchive with(String name, JsonObject config) {
        try {
            Path folder = newFolder();
            Path layer = TestImage.rootArchive(folder, "test");
            String image = Json.createObjectBuilder()
                    .add("architecture", architecture())
                    .add("os", "linux")
                    .add("config", config)
                    .add(
                            "rootfs",
                            Json.createObjectBuilder()
                                    .add("type", "layers")
                                    .add("diff_ids", Json.createArrayBuilder().add("sha256:" + sha256(layer))))
                    .build()
                    .toString();
            String manifest = Json.createArrayBuilder()
                    .add(Json.createObjectBuilder()
                            .add("Config", "config.json")
                            .add("RepoTags", Json.createArrayBuilder().add(name))
                            .add(
                                    "Layers",
                                    Json.createArrayBuilder()
                                            .add(folder.relativize(layer).toString())))
                    .build()
                    .toString();
            Files.writeString(folder.resolve("config.json"), image);
            Files.writeString(folder.resolve("manifest.json"), manifest);
            Path archive = folder.resolve("image.tar");
            Command.run(
                            Command.need("tar"),
                            "--create",
                            "--file=" + archive,
                            "--directory=" + folder,
                            "manifest.json",
                            "config.json",
                            folder.relativize(layer).toString())
                    .ok();
            return new ImageArchive(LIBRARY + name, archive);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make an archive of " + name, e);
        }
    }

    private static synchronized ImageArchive known(String name, JsonObject config) {
        ImageArchive archive = MADE.get(name);
        if (archive == null) {
            archive = with(name, config);
            MADE.put(name, archive);
        }
        return archive;
    }

    private static String architecture() {
        String name = System.getProperty("os.arch");
        return "aarch64".equals(name) ? "arm64" : name;
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(stream, digest).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Goes with the JVM. */
    private static Path newFolder() throws IOException {
        OwnedFolder home = folder;
        if (home == null) {
            OwnedFolder claimed = OwnedFolder.claim("wd-archive");
            Runtime.getRuntime().addShutdownHook(new Thread(claimed::delete, "delete " + claimed.path()));
            folder = claimed;
            home = claimed;
        }
        return Files.createTempDirectory(home.path(), "image");
    }
}
