package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Reads small files out of an image's layers by way of the content store: no file system of the engine's host is needed,
 * which may be another machine's. Layers are tar archives (OCI image specification, layer.md); of their many kinds of
 * entries only plain files matter here, and short names, which every variant of tar writes alike.
 */
final class LayerFiles {

    private static final int BLOCK = 512;
    private static final int NAME_LENGTH = 100;
    private static final int SIZE_OFFSET = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int TYPE_OFFSET = 156;
    private static final int OCTAL = 8;
    private static final long LARGEST = 1 << 20;

    private final ContainerdNamespace namespace;
    private final StoredImage image;

    LayerFiles(ContainerdNamespace namespace, StoredImage image) {
        this.namespace = namespace;
        this.image = image;
    }

    /**
     * The contents of those of the files that the image has.
     *
     * @param names without a leading slash
     */
    Map<String, String> read(Set<String> names) {
        Map<String, String> found = new HashMap<>();
        for (JsonObject layer : image.layers().reversed()) {
            if (found.keySet().containsAll(names)) {
                break;
            }
            try (InputStream tar = open(layer)) {
                Map<String, String> here = readLayer(tar, names);
                here.forEach(found::putIfAbsent);
            } catch (IOException e) {
                throw new EngineException(Kind.REFUSED, "a layer of the image cannot be read: " + e.getMessage(), e);
            }
        }
        return found;
    }

    private InputStream open(JsonObject layer) throws IOException {
        String type = Json.text(layer, "mediaType");
        InputStream blob = new BufferedInputStream(namespace.stream(Json.text(layer, "digest")));
        if (type.endsWith("gzip")) {
            return new BufferedInputStream(new GZIPInputStream(blob));
        }
        if (type.endsWith("tar")) {
            return blob;
        }
        throw new IOException("its type " + type + " is unknown");
    }

    /** @param tar one layer, uncompressed */
    static Map<String, String> readLayer(InputStream tar, Set<String> names) throws IOException {
        Map<String, String> found = new HashMap<>();
        byte[] header = new byte[BLOCK];
        while (tar.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
            long size = size(header);
            String name = text(header, 0, NAME_LENGTH).replaceFirst("^(\\./|/)", "");
            byte type = header[TYPE_OFFSET];
            long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
            if ((type == '0' || type == 0) && names.contains(name) && size <= LARGEST) {
                found.put(name, new String(tar.readNBytes((int) size), StandardCharsets.UTF_8));
                padded -= size;
            }
            tar.skipNBytes(padded);
        }
        // to the end, for the sake of the stream that it comes by
        tar.transferTo(java.io.OutputStream.nullOutputStream());
        return found;
    }

    /** Octal digits; sizes of 8 GiB and more are binary, and no file of that size is looked for. */
    private static long size(byte[] header) throws EOFException {
        if ((header[SIZE_OFFSET] & 0x80) != 0) {
            long size = 0;
            for (int index = SIZE_OFFSET + 1; index < SIZE_OFFSET + SIZE_LENGTH; index++) {
                size = size << Byte.SIZE | (header[index] & 0xff);
            }
            return size;
        }
        String digits = text(header, SIZE_OFFSET, SIZE_LENGTH).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, OCTAL);
        } catch (NumberFormatException e) {
            throw new EOFException("it is no tar archive");
        }
    }

    private static String text(byte[] header, int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return new String(header, offset, end - offset, StandardCharsets.UTF_8);
    }
}
