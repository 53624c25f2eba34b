package io.waitdaemon.container;

import java.nio.file.Path;
import java.util.Optional;

/**
 * PEM files for TLS to an engine.
 *
 * @param authorities the certificates that the engine's own must be signed by; empty: those that the runtime trusts
 * @param certificate of this client; present if and only if the key is
 */
public record TlsFiles(Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {

    /** No file at all. */
    public static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());
}
