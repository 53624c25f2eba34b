package io.waitdaemon.runtime.containerd;

import com.google.protobuf.ByteString;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.containerd.api.Image;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds images in a namespace, by the names that containerd's clients give them. */
final class ImageStore {

    private final ContainerdNamespace namespace;
    private final Platform platform;

    ImageStore(ContainerdNamespace namespace, Platform platform) {
        this.namespace = namespace;
        this.platform = platform;
    }

    /**
     * The image, complete with manifest and configuration.
     *
     * @return empty also when the record is there but not what it leads to for this platform
     */
    Optional<StoredImage> find(ImageReference reference) {
        return records(reference).flatMap(record -> read(record).stream()).findFirst();
    }

    /** The image that has this very name. */
    Optional<StoredImage> find(String name) {
        return namespace.image(name).flatMap(this::read);
    }

    private Stream<Image> records(ImageReference reference) {
        if (reference.isImageId()) {
            return namespace.images().stream().filter(record -> isCalled(record, reference.selector()));
        }
        Stream<String> names = Stream.of(reference.fullName());
        if (reference.digest().isPresent() && reference.tag().isPresent()) {
            names = Stream.concat(names, Stream.of(reference.name() + "@" + reference.selector()));
        }
        return names.flatMap(name -> namespace.image(name).stream());
    }

    /** Docker's id of an image is its configuration's digest, nerdctl's and containerd's the manifest's or index's. */
    private boolean isCalled(Image record, String id) {
        return record.getTarget().getDigest().equals(id)
                || manifest(record.getTarget().getDigest())
                        .filter(manifest -> Json.text(Json.object(manifest, "config"), "digest")
                                .equals(id))
                        .isPresent();
    }

    private Optional<StoredImage> read(Image record) {
        return manifest(record.getTarget().getDigest())
                .flatMap(manifest -> document(Json.text(Json.object(manifest, "config"), "digest"))
                        // a manifest that no index leads to does not say what platform it is for
                        .filter(platform::fits)
                        .map(config -> new StoredImage(record.getName(), config, Json.objects(manifest, "layers"))));
    }

    /** Follows an index to the manifest for this platform. */
    private Optional<JsonObject> manifest(String digest) {
        return document(digest).flatMap(document -> {
            List<JsonObject> manifests = Json.objects(document, "manifests");
            return manifests.isEmpty()
                    ? Optional.of(document)
                    : platform.choose(manifests).flatMap(chosen -> document(Json.text(chosen, "digest")));
        });
    }

    private Optional<JsonObject> document(String digest) {
        return namespace.content(digest).map(ByteString::toStringUtf8).map(text -> {
            try {
                return Json.object(text);
            } catch (JsonException e) {
                throw new EngineException(
                        Kind.REFUSED, "the content " + digest + " of the image is not the JSON that is expected", e);
            }
        });
    }
}
