package io.waitdaemon.engine;

import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Debian's docker-registry on a port of 127.0.0.0/8, which every engine takes for a registry without TLS. It keeps its
 * blobs in a folder of its own and no cache in memory, so what a test takes away from the folder is really gone.
 */
public final class Registry implements AutoCloseable {

    private static final int CONNECT_LIMIT_MILLIS = 1000;
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

    private final OwnedFolder folder;
    private final @Nullable Login login;
    private final Thread atExit = new Thread(this::closeQuietly, "stop the private registry");
    private @Nullable Process process;
    private int port;
    private boolean closed;

    private record Login(String user, String password) {
        String basic() {
            return Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return user;
        }
    }

    private Registry(@Nullable Login login) {
        this.login = login;
        this.folder = OwnedFolder.claim("wd-registry");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Everybody may push and pull. */
    public static Registry open() {
        return started(new Registry(null));
    }

    /** Nobody may do anything but with this user and password (HTTP basic authentication). */
    public static Registry withLogin(String user, String password) {
        return started(new Registry(new Login(user, password)));
    }

    /** For example {@code 127.0.0.1:41233}; the same after {@link #stop()} and {@link #start()}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Starts again with all that it had, at the same address. */
    public synchronized void start() {
        if (closed || (process != null && process.isAlive())) {
            throw new IllegalStateException(
                    "The registry in " + folder.path() + (closed ? " is closed" : " runs already"));
        }
        Path config = write("config.yml", configuration());
        ProcessBuilder.Redirect output = ProcessBuilder.Redirect.to(logFile().toFile());
        Process started = Command.start(
                List.of(Command.need("setsid"), Command.need("docker-registry"), "serve", config.toString()),
                Map.of(),
                output,
                output);
        process = started;
        Await.until(
                START_LIMIT,
                () -> ready() || !started.isAlive(),
                () -> "docker-registry does not answer within " + START_LIMIT + ":\n" + log());
        if (!started.isAlive()) {
            throw new AssertionError("docker-registry ended at once:\n" + log());
        }
    }

    /** Connections are refused from now on. */
    public synchronized void stop() {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(10, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        process = null;
    }

    /**
     * Pushes a local image under {@code name:tag} and returns the reference to pull. The login is this registry's and stays
     * here: the given command line is not logged in afterwards, and the local image keeps no second name.
     */
    public String push(DockerCli docker, TestImage image, String nameAndTag) {
        String reference = address() + "/" + nameAndTag;
        Path config = folder.path().resolve("pusher");
        docker.ok("tag", image.id(), reference);
        try {
            writeLogin(config);
            docker.withConfig(config).ok("push", "--quiet", reference);
        } finally {
            docker.run("image", "rm", reference);
        }
        return reference;
    }

    /** Uploads a blob and returns its digest (OCI distribution spec, "Pushing blobs"). */
    String upload(String repository, byte[] blob) {
        String digest = PublishedImage.digest(blob);
        String place = request()
                .post("/v2/" + repository + "/blobs/uploads/")
                .then()
                .statusCode(202)
                .extract()
                .header("Location");
        request()
                .urlEncodingEnabled(false)
                .contentType("application/octet-stream")
                .body(blob)
                .put(place + (place.contains("?") ? "&" : "?") + "digest=" + digest)
                .then()
                .statusCode(201);
        return digest;
    }

    void putManifest(String repository, String tag, String mediaType, String manifest) {
        request()
                .contentType(mediaType)
                .body(manifest.getBytes(StandardCharsets.UTF_8))
                .put("/v2/" + repository + "/manifests/" + tag)
                .then()
                .statusCode(201);
    }

    /** The layers' digests, as in the manifest, lowest first. */
    public List<String> layers(String nameAndTag) {
        int colon = nameAndTag.lastIndexOf(':');
        String path = nameAndTag.substring(0, colon) + "/manifests/" + nameAndTag.substring(colon + 1);
        Response answer = get("/v2/" + path);
        if (answer.statusCode() != 200) {
            throw new AssertionError(
                    "The registry answers " + answer.statusCode() + " for " + path + ": " + answer.asString());
        }
        try (JsonReader reader = Json.createReader(new StringReader(answer.asString()))) {
            return reader.readObject().getJsonArray("layers").getValuesAs(JsonObject.class).stream()
                    .map(layer -> layer.getString("digest"))
                    .toList();
        }
    }

    /** Takes a layer's content away, for every repository: manifests that name it stay. */
    public void deleteBlob(String digest) {
        Matcher matcher = Pattern.compile("sha256:(([0-9a-f]{2})[0-9a-f]{62})").matcher(digest);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + digest + "' is not a sha256 digest");
        }
        Path blobs = folder.path().resolve("storage/docker/registry/v2/blobs/sha256");
        try {
            Files.delete(
                    blobs.resolve(matcher.group(2)).resolve(matcher.group(1)).resolve("data"));
        } catch (IOException e) {
            throw new UncheckedIOException("The registry does not have " + digest, e);
        }
    }

    /** Writes what {@code docker login} would into that configuration folder (DOCKER_CONFIG); nothing for an open one. */
    public void writeLogin(Path dockerConfig) {
        JsonObject auths = login == null
                ? Json.createObjectBuilder().build()
                : Json.createObjectBuilder()
                        .add(address(), Json.createObjectBuilder().add("auth", login.basic()))
                        .build();
        try {
            Files.createDirectories(dockerConfig);
            Files.writeString(
                    dockerConfig.resolve("config.json"),
                    Json.createObjectBuilder().add("auths", auths).build().toString());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the login to " + dockerConfig, e);
        }
    }

    /** Since the last start, one line a request among others: a test can count how often it was asked for something. */
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop();
        folder.delete();
        if (!Thread.currentThread().equals(atExit)) {
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException e) {
                // the JVM is going down and runs the hook: it will find nothing to do
            }
        }
    }

    private static Registry started(Registry registry) {
        try {
            registry.start();
            return registry;
        } catch (RuntimeException | AssertionError e) {
            registry.close();
            throw e;
        }
    }

    /** Port 0 the first time: the kernel chooses, and no other process can be quicker. */
    private String configuration() {
        String text = """
                version: 0.1
                log:
                  level: info
                  accesslog:
                    disabled: false
                storage:
                  filesystem:
                    rootdirectory: %1$s/storage
                http:
                  addr: 127.0.0.1:%2$d
                  secret: one-registry-alone-needs-no-shared-secret
                """.formatted(folder.path(), port);
        if (login == null) {
            return text;
        }
        String entry = Command.run(Command.need("htpasswd"), "-Bbn", login.user(), login.password())
                .ok()
                .line();
        return text + """
                auth:
                  htpasswd:
                    realm: waitdaemon tests
                    path: %s
                """.formatted(write("htpasswd", entry + "\n"));
    }

    private boolean ready() {
        if (port == 0) {
            Matcher matcher = LISTENING.matcher(log());
            if (!matcher.find()) {
                return false;
            }
            port = Integer.parseInt(matcher.group(1));
        }
        return listens() && get("/v2/").statusCode() == 200;
    }

    private Response get(String path) {
        return request()
                .accept("application/vnd.docker.distribution.manifest.v2+json")
                .get(path);
    }

    private RequestSpecification request() {
        RequestSpecification request = RestAssured.given().baseUri("http://" + address());
        Login owner = login;
        if (owner != null) {
            request.auth().preemptive().basic(owner.user(), owner.password());
        }
        return request;
    }

    private boolean listens() {
        try (Socket connection = new Socket()) {
            connection.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_LIMIT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path logFile() {
        return folder.path().resolve("registry.log");
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.path().resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name, e);
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (RuntimeException | AssertionError e) {
            System.err.println("The private registry in " + folder.path() + " did not end well: " + e.getMessage());
        }
    }
}
