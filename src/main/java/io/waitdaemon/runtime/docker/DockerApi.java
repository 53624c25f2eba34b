package io.waitdaemon.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.waitdaemon.container.Json;
import io.waitdaemon.container.TlsFiles;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.SocketMount;
import io.waitdaemon.runtime.SocketPath;
import io.waitdaemon.runtime.TimeLimit;
import io.waitdaemon.runtime.TlsContext;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;

/**
 * The Engine API as JSON trees over docker-java's transport. Paths carry no API version, so every engine answers in its
 * own newest one and a single build serves API 1.41 as well as engines that refuse anything below 1.44.
 */
final class DockerApi implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(DockerApi.class);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration CALL_LIMIT = Duration.ofMinutes(2);
    private static final int CLIENT_ERROR = 400;
    private static final int NOT_FOUND = 404;
    private static final int SERVER_ERROR = 500;

    private final DockerAddress address;
    private final DockerHttpClient http;

    DockerApi(DockerAddress address) {
        this.address = address;
        ZerodepDockerHttpClient.Builder builder = new ZerodepDockerHttpClient.Builder()
                .dockerHost(address.socket()
                        .map(SocketPath::connectable)
                        .map(DockerAddress::uri)
                        .orElse(address.uri()))
                .connectionTimeout(CONNECT_LIMIT);
        address.certificates().map(DockerApi::tls).ifPresent(context -> builder.sslConfig(() -> context));
        this.http = builder.build();
    }

    DockerAddress address() {
        return address;
    }

    /** The three files that Docker clients use, by the names that they have there. */
    private static SSLContext tls(Path folder) {
        TlsFiles files = new TlsFiles(
                Optional.of(folder.resolve("ca.pem")),
                Optional.of(folder.resolve("cert.pem")),
                Optional.of(folder.resolve("key.pem")));
        return TlsContext.of(files, "in \"" + folder + "\" (DOCKER_CERT_PATH)");
    }

    JsonObject get(String path) {
        return limited(CALL_LIMIT, () -> json(call("GET", path, Map.of(), null)));
    }

    JsonArray getArray(String path) {
        byte[] body = getBytes(path);
        try (JsonReader reader = Json.PROVIDER.createReader(new ByteArrayInputStream(body))) {
            return reader.readArray();
        } catch (JsonException e) {
            throw noDocker(e);
        }
    }

    /** The answer as it is. */
    byte[] getBytes(String path) {
        return limited(CALL_LIMIT, () -> {
            try (DockerHttpClient.Response response = call("GET", path, Map.of(), null)) {
                return response.getBody().readAllBytes();
            } catch (IOException e) {
                throw new EngineException(Kind.UNAVAILABLE, "Docker broke off its answer: " + reason(e), e);
            }
        });
    }

    /** Posts without a body. */
    JsonObject post(String path) {
        return limited(CALL_LIMIT, () -> json(call("POST", path, Map.of(), null)));
    }

    JsonObject post(String path, JsonObject body) {
        return limited(CALL_LIMIT, () -> json(call("POST", path, Map.of(), body)));
    }

    void delete(String path) {
        limited(CALL_LIMIT, () -> json(call("DELETE", path, Map.of(), null)));
    }

    /** Succeeds when the engine answers at all within the limit. */
    void ping(Duration limit) {
        limited(limit, () -> {
            call("GET", "/_ping", Map.of(), null).close();
            return address;
        });
    }

    /** Posts and waits for the answer for as long as it takes. */
    JsonObject postPatiently(String path) {
        return json(call("POST", path, Map.of(), null));
    }

    /** An answer that comes piece by piece; for the caller to close. */
    DockerHttpClient.Response stream(String method, String path, Map<String, String> headers) {
        return call(method, path, headers, null);
    }

    static String encode(String queryValue) {
        return URLEncoder.encode(queryValue, StandardCharsets.UTF_8);
    }

    /** @throws EngineException of kind {@code CUT_OFF} when the mounted socket is that of an engine that has ended */
    void checkWay() {
        address.socket().ifPresent(socket -> SocketMount.check("Docker", socket));
    }

    /** A connection that cannot be closed is no reason to call what went well a failure. */
    @Override
    public void close() {
        try {
            http.close();
        } catch (IOException e) {
            LOG.debugf("Closing the connection to Docker failed: %s.", reason(e));
        }
    }

    private <T> T limited(Duration limit, java.util.concurrent.Callable<T> call) {
        try {
            return TimeLimit.call(limit, call);
        } catch (TimeoutException e) {
            throw new EngineException(
                    Kind.UNAVAILABLE,
                    "Docker at " + address + " accepted the connection but did not answer within " + limit.toSeconds()
                            + " s",
                    e);
        }
    }

    private DockerHttpClient.Response call(
            String method,
            String path,
            Map<String, String> headers,
            @org.jspecify.annotations.Nullable JsonObject body) {
        DockerHttpClient.Request.Builder request =
                DockerHttpClient.Request.builder().method(method).path(path).putAllHeaders(headers);
        if (body != null) {
            request.putHeader("Content-Type", "application/json")
                    .bodyBytes(body.toString().getBytes(StandardCharsets.UTF_8));
        }
        DockerHttpClient.Response response;
        try {
            response = http.execute(request.build());
        } catch (RuntimeException e) {
            checkWay();
            throw new EngineException(Kind.UNAVAILABLE, "Cannot reach Docker at " + address + ": " + reason(e), e);
        }
        if (response.getStatusCode() >= CLIENT_ERROR) {
            try (response) {
                throw refusal(response);
            }
        }
        return response;
    }

    private static JsonObject json(DockerHttpClient.Response response) {
        try (response) {
            byte[] body = response.getBody().readAllBytes();
            return body.length == 0
                    ? JsonObject.EMPTY_JSON_OBJECT
                    : Json.object(new String(body, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new EngineException(Kind.UNAVAILABLE, "Docker broke off its answer: " + reason(e), e);
        } catch (JsonException e) {
            throw noDocker(e);
        }
    }

    private static EngineException noDocker(JsonException answer) {
        return new EngineException(
                Kind.REFUSED, "what answers is no Docker Engine: its answer is not the JSON that is expected", answer);
    }

    private static EngineException refusal(DockerHttpClient.Response response) {
        int status = response.getStatusCode();
        String words = words(response.getBody());
        if (status == NOT_FOUND) {
            return new EngineException(Kind.NOT_FOUND, words);
        }
        boolean definite = status < SERVER_ERROR || words.contains("OCI runtime");
        return new EngineException(definite ? Kind.REFUSED : Kind.UNAVAILABLE, words);
    }

    /** What the engine says in the body of an error: {@code {"message": "..."}}, or the body as it is. */
    private static String words(InputStream body) {
        String text;
        try {
            text = new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "an error whose text could not be read: " + reason(e);
        }
        try {
            String message = Json.text(Json.object(text), "message");
            return message.isEmpty() ? text : message;
        } catch (JsonException e) {
            return text;
        }
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }
}
