package io.waitdaemon.runtime;

import io.waitdaemon.runtime.EngineException.Kind;
import java.util.List;
import java.util.Locale;

/** Engines pass on what went wrong at a registry as a text only. Can another attempt help? */
public final class RegistryFailure {

    /** Words of engines and registries after which another attempt cannot help. */
    private static final List<String> DEFINITE = List.of(
            "unauthorized",
            "authentication required",
            "denied",
            "forbidden",
            "no space left",
            "no basic auth credentials",
            "manifest unknown",
            "not found",
            "blob unknown",
            "unknown blob",
            "does not exist",
            "no such host",
            "no matching manifest",
            "invalid reference",
            "gave http response to https client",
            "x509");

    private RegistryFailure() {}

    /** {@code REFUSED} when the words are those of a definite failure, else the kind as it is. */
    public static Kind kind(Kind kind, String words) {
        String text = words.toLowerCase(Locale.ROOT);
        return DEFINITE.stream().anyMatch(text::contains) ? Kind.REFUSED : kind;
    }
}
