package io.waitdaemon.engine;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * An image that a registry has and no engine has ever seen, made of the files of {@link TestImage} without any engine.
 *
 * @param name with the tag, below the registry: {@code team/target:1}
 * @param digest of its manifest, or of the index that leads to the manifest
 * @param size of what the digest is of
 * @param id digest of its configuration
 * @param chainId what an engine's snapshot of all of its layers is called (OCI image spec, config.md)
 */
public record PublishedImage(String name, String digest, long size, String id, String chainId) {

    private static final String OCI = "application/vnd.oci.image.";
    private static final String INDEX = OCI + "index.v1+json";
    private static final String MANIFEST = OCI + "manifest.v1+json";
    private static final String CONFIG = OCI + "config.v1+json";
    private static final String LAYER = OCI + "layer.v1.tar";

    /** For this machine's platform. */
    public static PublishedImage of(Registry registry, String name) {
        return of(registry, name, ImageArchive.architecture(), 0);
    }

    /**
     * For one platform only.
     *
     * @param padding size in bytes of a second layer, which cannot be compressed; 0 for none
     */
    public static PublishedImage of(Registry registry, String name, String architecture, int padding) {
        String repository = name.substring(0, name.lastIndexOf(':'));
        String tag = name.substring(name.lastIndexOf(':') + 1);
        OwnedFolder folder = OwnedFolder.claim("wd-image");
        try {
            List<byte[]> layers = new ArrayList<>();
            layers.add(Files.readAllBytes(
                    TestImage.rootArchive(folder.path(), UUID.randomUUID().toString())));
            if (padding > 0) {
                layers.add(padding(folder.path(), padding));
            }
            JsonArrayBuilder diffIds = Json.createArrayBuilder();
            JsonArrayBuilder descriptors = Json.createArrayBuilder();
            String chainId = "";
            for (byte[] layer : layers) {
                String diffId = registry.upload(repository, layer);
                diffIds.add(diffId);
                descriptors.add(descriptor(LAYER, diffId, layer.length));
                chainId =
                        chainId.isEmpty() ? diffId : digest((chainId + " " + diffId).getBytes(StandardCharsets.UTF_8));
            }
            byte[] config = Json.createObjectBuilder()
                    .add("architecture", architecture)
                    .add("os", "linux")
                    .add(
                            "config",
                            Json.createObjectBuilder()
                                    .add("Env", Json.createArrayBuilder().add(TestImage.PATH))
                                    .add("Cmd", Json.createArrayBuilder().add("true")))
                    .add(
                            "rootfs",
                            Json.createObjectBuilder().add("type", "layers").add("diff_ids", diffIds))
                    .build()
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            String id = registry.upload(repository, config);
            String manifest = Json.createObjectBuilder()
                    .add("schemaVersion", 2)
                    .add("mediaType", MANIFEST)
                    .add("config", descriptor(CONFIG, id, config.length))
                    .add("layers", descriptors)
                    .build()
                    .toString();
            registry.putManifest(repository, tag, MANIFEST, manifest);
            return new PublishedImage(
                    name, digest(manifest.getBytes(StandardCharsets.UTF_8)), manifest.length(), id, chainId);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the files of " + name, e);
        } finally {
            folder.delete();
        }
    }

    /** The same image behind an index that says for which platform it is, as most public images are. */
    public PublishedImage indexed(Registry registry, String architecture) {
        String repository = name.substring(0, name.lastIndexOf(':'));
        String tag = name.substring(name.lastIndexOf(':') + 1) + "-index";
        String index = Json.createObjectBuilder()
                .add("schemaVersion", 2)
                .add("mediaType", INDEX)
                .add(
                        "manifests",
                        Json.createArrayBuilder()
                                .add(descriptor(MANIFEST, digest, size)
                                        .add(
                                                "platform",
                                                Json.createObjectBuilder()
                                                        .add("architecture", architecture)
                                                        .add("os", "linux"))))
                .build()
                .toString();
        registry.putManifest(repository, tag, INDEX, index);
        return new PublishedImage(
                repository + ":" + tag, digest(index.getBytes(StandardCharsets.UTF_8)), index.length(), id, chainId);
    }

    static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonObjectBuilder descriptor(String type, String digest, long size) {
        return Json.createObjectBuilder()
                .add("mediaType", type)
                .add("digest", digest)
                .add("size", size);
    }

    private static byte[] padding(Path folder, int size) throws IOException {
        Path content = Files.createDirectories(folder.resolve("padding"));
        byte[] random = new byte[size];
        new Random().nextBytes(random);
        Files.write(content.resolve("padding"), random);
        Path archive = folder.resolve("padding.tar");
        Command.run(Command.need("tar"), "--create", "--file=" + archive, "--directory=" + content, ".")
                .ok();
        return Files.readAllBytes(archive);
    }
}
