package io.waitdaemon.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Reads addresses of engines and paths; each method throws IllegalArgumentException saying what is allowed. */
final class AddressText {

    /** As containerd's identifiers package has it. */
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*");

    private AddressText() {}

    static URI docker(String text) {
        return address(text, List.of("tcp", "http", "https"), "unix:///path/to/docker.sock or tcp://host:port");
    }

    static URI containerd(String text) {
        return address(
                text.startsWith("/") ? "unix://" + text : text,
                List.of("tcp", "http", "https"),
                "a path, unix:///path, tcp://host:port or http(s)://host:port");
    }

    static String namespace(String text) {
        if (!NAMESPACE.matcher(text).matches()) {
            throw new IllegalArgumentException("a containerd namespace: letters and digits, parted by single . _ or -");
        }
        return text;
    }

    static Path readableFile(String text) {
        try {
            Path file = Path.of(text);
            if (Files.isRegularFile(file) && Files.isReadable(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("the path of a readable file in the action container", e);
        }
        throw new IllegalArgumentException("the path of a readable file in the action container; mount it there");
    }

    /** A folder on the engine's side, which may not exist here. */
    static Path absolutePath(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("an absolute path", e);
        }
        throw new IllegalArgumentException("an absolute path");
    }

    private static URI address(String text, List<String> networkSchemes, String allowed) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(allowed, e);
        }
        boolean unix = "unix".equals(uri.getScheme())
                && uri.getHost() == null
                && uri.getPath() != null
                && uri.getPath().startsWith("/");
        boolean network = uri.getScheme() != null
                && networkSchemes.contains(uri.getScheme())
                && uri.getHost() != null
                && uri.getPort() > 0;
        if (!unix && !network) {
            throw new IllegalArgumentException(allowed);
        }
        return uri.getUserInfo() == null ? uri : withoutUser(uri);
    }

    /** User information has no use here, as in Docker's own clients, and would end up in logs and inspections. */
    private static URI withoutUser(URI uri) {
        return URI.create(uri.toString().replaceFirst("//[^/@]*@", "//"));
    }
}
