package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
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
            return pack(folder, name, config, List.of(TestImage.rootArchive(folder, "test")), false);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make an archive of " + name, e);
        }
    }

    /**
     * As {@link #with}, with a second layer above the first.
     *
     * @param upper files of the second layer, path without a leading slash to contents
     * @param compressed whether the layers are gzipped
     */
    public static synchronized ImageArchive layered(
            String name, JsonObject config, Map<String, String> upper, boolean compressed) {
        try {
            Path folder = newFolder();
            Path lower = TestImage.rootArchive(folder, "test");
            Path files = folder.resolve("upper");
            for (Map.Entry<String, String> file : upper.entrySet()) {
                Path path = files.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
            }
            Path archive = folder.resolve("upper.tar");
            Command.run(Command.need("tar"), "--create", "--file=" + archive, "--directory=" + files, ".")
                    .ok();
            return pack(folder, name, config, List.of(lower, archive), compressed);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make an archive of " + name, e);
        }
    }

    private static ImageArchive pack(Path folder, String name, JsonObject config, List<Path> layers, boolean compressed)
            throws IOException {
        JsonArrayBuilder diffIds = Json.createArrayBuilder();
        JsonArrayBuilder names = Json.createArrayBuilder();
        List<String> line = new ArrayList<>(List.of(Command.need("tar"), "--create"));
        line.addAll(List.of("--file=" + folder.resolve("image.tar"), "--directory=" + folder));
        line.addAll(List.of("manifest.json", "config.json"));
        for (Path layer : layers) {
            diffIds.add("sha256:" + sha256(layer));
            String file = folder.relativize(layer) + (compressed ? ".gz" : "");
            if (compressed) {
                Command.run(Command.need("gzip"), "--no-name", layer.toString()).ok();
            }
            names.add(file);
            line.add(file);
        }
        String image = Json.createObjectBuilder()
                .add("architecture", architecture())
                .add("os", "linux")
                .add("config", config)
                .add("rootfs", Json.createObjectBuilder().add("type", "layers").add("diff_ids", diffIds))
                .build()
                .toString();
        String manifest = Json.createArrayBuilder()
                .add(Json.createObjectBuilder()
                        .add("Config", "config.json")
                        .add("RepoTags", Json.createArrayBuilder().add(name))
                        .add("Layers", names))
                .build()
                .toString();
        Files.writeString(folder.resolve("config.json"), image);
        Files.writeString(folder.resolve("manifest.json"), manifest);
        Command.run(line.toArray(String[]::new)).ok();
        return new ImageArchive(LIBRARY + name, folder.resolve("image.tar"));
    }

    private static synchronized ImageArchive known(String name, JsonObject config) {
        ImageArchive archive = MADE.get(name);
        if (archive == null) {
            archive = with(name, config);
            MADE.put(name, archive);
        }
        return archive;
    }

    static String architecture() {
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
