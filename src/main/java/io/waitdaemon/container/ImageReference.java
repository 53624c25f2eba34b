package io.waitdaemon.container;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which image is meant, and where does it come from? The grammar is that of the distribution project's
 * {@code reference} package, with Docker's defaults: no registry means {@code docker.io}, neither tag nor digest
 * means {@code latest}.
 *
 * @param text as the user wrote it
 * @param registry host, and port where given; {@code docker.io} when the text names none
 * @param repository path inside the registry, with {@code library/} added for Docker's official images; empty
 *     for an image id
 * @param tag present unless a digest or an id stands alone
 * @param digest {@code algorithm:hex}, or the id of a local image
 */
public record ImageReference(
        String text, String registry, String repository, Optional<String> tag, Optional<String> digest) {

    private static final String DOCKER_HUB = "docker.io";
    private static final int LONGEST_NAME = 255;

    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final String HOST_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final String HOST =
            "(?:" + HOST_LABEL + "(?:\\." + HOST_LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    private static final Pattern REFERENCE =
            Pattern.compile("(?:(?<host>" + HOST + ")/)?(?<path>" + COMPONENT + "(?:/" + COMPONENT
                    + ")*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}))?");
    private static final Pattern IMAGE_ID = Pattern.compile("sha256:[0-9a-f]{64}");

    /**
     * Reads a reference as Docker does.
     *
     * @throws IllegalArgumentException with a message for the user when the text is no image reference
     */
    public static ImageReference parse(String text) {
        if (IMAGE_ID.matcher(text).matches()) {
            return new ImageReference(text, "", "", Optional.empty(), Optional.of(text));
        }
        Matcher parts = REFERENCE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "an image reference: [REGISTRY[:PORT]/]NAME[:TAG][@DIGEST], the name in lower case");
        }
        String host = parts.group("host");
        String path = parts.group("path");
        if (host != null && !isRegistry(host)) {
            path = host + "/" + path;
            host = null;
            if (!path.equals(path.toLowerCase(java.util.Locale.ROOT))) {
                throw new IllegalArgumentException("an image reference whose name is in lower case");
            }
        }
        if (path.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("an image reference with a name of at most 255 characters");
        }
        String registry = host == null || host.equals("index.docker.io") ? DOCKER_HUB : host;
        String repository = registry.equals(DOCKER_HUB) && path.indexOf('/') < 0 ? "library/" + path : path;
        Optional<String> digest = Optional.ofNullable(parts.group("digest"));
        Optional<String> tag = Optional.ofNullable(parts.group("tag"));
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of("latest");
        }
        return new ImageReference(text, registry, repository, tag, digest);
    }

    /** Whether the text is the id of a local image, which no registry can serve. */
    public boolean isImageId() {
        return repository.isEmpty();
    }

    /** Registry and repository without tag and digest: what a pull asks for. */
    public String name() {
        return registry + "/" + repository;
    }

    /**
     * The name with nothing left out, which is what containerd stores an image under, since its services know neither a
     * default registry nor a default tag; the id for an image id.
     */
    public String fullName() {
        return isImageId()
                ? text
                : name()
                        + tag.map(given -> ":" + given).orElse("")
                        + digest.map(given -> "@" + given).orElse("");
    }

    /** What selects the image inside its repository: the digest where there is one, else the tag. */
    public String selector() {
        return digest.or(() -> tag).orElseThrow();
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isRegistry(String firstComponent) {
        return firstComponent.indexOf('.') >= 0
                || firstComponent.indexOf(':') >= 0
                || firstComponent.equals("localhost");
    }
}
