package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An image made of the machine's static busybox, without any registry. All applets are in {@code /bin}; there are users
 * root, nobody and app (uid 1000), and {@code /bin/show}, which prints who and where it is, its arguments one a line
 * ({@code arg=…}) and its environment.
 */
public record TestImage(String reference, String id) {

    static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** {@code target:latest}: nothing but PATH and a command that says {@code the target ran}. */
    public static TestImage target(DockerCli docker) {
        return known(docker, "target:latest", "CMD [\"echo\", \"the target ran\"]");
    }

    /**
     * {@code target:configured}: everything that an image can set by itself, to see that a container made of it keeps the
     * image's defaults where nobody said otherwise. The entrypoint is {@code /bin/show}.
     */
    public static TestImage configured(DockerCli docker) {
        return known(
                docker,
                "target:configured",
                "ENV GREETING=\"hello from the image\" SHARED=image",
                "ENTRYPOINT [\"/bin/show\"]",
                "CMD [\"default\"]",
                "WORKDIR /srv/app",
                "USER app",
                "LABEL org.example.origin=image",
                "EXPOSE 8080/tcp",
                "VOLUME /var/lib/app");
    }

    /** An image whose layer no engine or registry has seen before, so that a pull really has to fetch it. */
    public static TestImage unique(DockerCli docker, String reference) {
        return make(docker, reference, UUID.randomUUID().toString());
    }

    /**
     * The same files with other settings, as lines of a Dockerfile; engines do not take all of them here (20.10 knows no
     * STOPSIGNAL). Replaces what the reference named before.
     */
    public static TestImage with(DockerCli docker, String reference, String... lines) {
        return make(docker, reference, "test", lines);
    }

    /** Removes the image under all its names, and the containers of nobody: one that is in use is an error. */
    public void remove(DockerCli docker) {
        List<String> names = new ArrayList<>(List.of("image", "rm"));
        docker.inspect(id).getJsonArray("RepoTags").forEach(tag -> names.add(unquoted(tag.toString())));
        docker.inspect(id).getJsonArray("RepoDigests").forEach(digest -> names.add(unquoted(digest.toString())));
        docker.ok((names.size() > 2 ? names : List.of("image", "rm", id)).toArray(String[]::new));
    }

    private static TestImage known(DockerCli docker, String reference, String... lines) {
        Result there = docker.run("image", "inspect", "--format", "{{.Id}}", reference);
        return there.exit() == 0 ? new TestImage(reference, there.line()) : make(docker, reference, "test", lines);
    }

    private static TestImage make(DockerCli docker, String reference, String marker, String... lines) {
        OwnedFolder folder = OwnedFolder.claim("wd-image");
        try {
            String archive = rootArchive(folder.path(), marker).toString();
            List<String> line = new ArrayList<>(List.of("import"));
            line.addAll(List.of("--change", "ENV " + PATH));
            for (String change : lines) {
                line.addAll(List.of("--change", change));
            }
            line.addAll(List.of(archive, reference));
            return new TestImage(
                    reference, docker.ok(line.toArray(String[]::new)).line());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the files of " + reference, e);
        } finally {
            folder.delete();
        }
    }

    /** The files of the image, packed, in this folder. */
    static Path rootArchive(Path folder, String marker) throws IOException {
        Path root = rootFileSystem(folder.resolve("root"), marker);
        Path archive = folder.resolve("root.tar");
        Command.run(
                        Command.need("tar"),
                        "--create",
                        "--file=" + archive,
                        "--directory=" + root,
                        "--owner=0",
                        "--group=0",
                        "--numeric-owner",
                        "--sort=name",
                        "--mtime=@0",
                        ".")
                .ok();
        return archive;
    }

    private static Path rootFileSystem(Path root, String marker) throws IOException {
        for (String folder : List.of("bin", "etc", "proc", "sys", "dev", "root", "srv/app", "var/lib/app", "tmp")) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        busybox(root.resolve("bin"));
        Path show = Files.writeString(root.resolve("bin/show"), """
                #!/bin/sh
                echo "user=$(id -u):$(id -g)"
                echo "folder=$PWD"
                for arg; do printf 'arg=%s\\n' "$arg"; done
                env
                """);
        Files.setPosixFilePermissions(show, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(root.resolve("etc/passwd"), """
                root:x:0:0:root:/root:/bin/sh
                app:x:1000:1000:app:/srv/app:/bin/sh
                nobody:x:65534:65534:nobody:/:/bin/false
                """);
        Files.writeString(root.resolve("etc/group"), "root:x:0:\napp:x:1000:\nnogroup:x:65534:\n");
        Files.writeString(root.resolve("etc/marker"), marker + "\n");
        return root;
    }

    private static void busybox(Path bin) throws IOException {
        Path busybox = Path.of(Command.need("busybox"));
        byte[] content = Files.readAllBytes(busybox);
        // elf(5): a dynamic executable names its loader (PT_INTERP) near its beginning
        String head = new String(content, 0, Math.min(content.length, 8192), StandardCharsets.ISO_8859_1);
        if (head.contains("/ld-linux") || head.contains("/ld-musl")) {
            throw new IllegalStateException(
                    "'" + busybox + "' is not static, so it cannot run in an image. Install busybox-static.");
        }
        Path copy = Files.write(bin.resolve("busybox"), content);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String applet :
                Command.run(busybox.toString(), "--list").ok().out().lines().toList()) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
        }
    }

    private static String unquoted(String json) {
        return json.substring(1, json.length() - 1);
    }
}
