package io.waitdaemon.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority with what it issues: the files for both ends of a TLS connection to an engine. */
final class TlsFiles {

    private final Path folder;

    /** An authority of its own in this folder, and an engine's certificate for 127.0.0.1. */
    TlsFiles(Path folder) throws IOException {
        this(folder, "127.0.0.1");
    }

    /** @param host address that the engine's certificate is for */
    TlsFiles(Path folder, String host) throws IOException {
        this.folder = Files.createDirectories(folder);
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca-key.pem -out ca.pem");
        Files.writeString(folder.resolve("engine.ext"), "subjectAltName=IP:" + host + "\n");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=engine -keyout engine-key.pem -out engine.csr");
        openssl("x509 -req -days 2 -in engine.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile engine.ext"
                + " -out engine.pem");
    }

    /** Options of dockerd. */
    List<String> engineFlags() {
        return List.of(
                "--tlsverify",
                "--tlscacert=" + folder.resolve("ca.pem"),
                "--tlscert=" + folder.resolve("engine.pem"),
                "--tlskey=" + folder.resolve("engine-key.pem"));
    }

    Path authority() {
        return folder.resolve("ca.pem");
    }

    /** The engine's, which are good for every server at its address. */
    Path certificate() {
        return folder.resolve("engine.pem");
    }

    Path key() {
        return folder.resolve("engine-key.pem");
    }

    /** A DOCKER_CERT_PATH whose key.pem has been made by this command of OpenSSL, to which {@code -out key.pem} is added. */
    Path client(String name, String... keyCommands) throws IOException {
        Path client = Files.createDirectories(folder.resolve(name));
        for (String command : keyCommands) {
            openssl(command + " -out " + name + "/key.pem");
        }
        openssl("req -new -key " + name + "/key.pem -subj /CN=client -out client.csr");
        openssl("x509 -req -days 2 -in client.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -out " + name
                + "/cert.pem");
        Files.copy(folder.resolve("ca.pem"), client.resolve("ca.pem"));
        return client;
    }

    private void openssl(String arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new AssertionError("openssl " + arguments + " failed:\n" + output);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
