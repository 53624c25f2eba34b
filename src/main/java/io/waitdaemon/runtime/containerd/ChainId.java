package io.waitdaemon.runtime.containerd;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Names a stack of layers (OCI image specification, config.md, "Layer ChainID"). */
final class ChainId {

    private ChainId() {}

    /**
     * @param diffIds digests of the uncompressed layers, lowest first
     * @return empty for no layers
     */
    static String of(List<String> diffIds) {
        return diffIds.stream()
                .reduce((chain, layer) -> "sha256:" + sha256(chain + " " + layer))
                .orElse("");
    }

    /** In lower-case hexadecimal digits. */
    static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
