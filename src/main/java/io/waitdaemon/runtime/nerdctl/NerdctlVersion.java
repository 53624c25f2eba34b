package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Is there a nerdctl, is it new enough, and does its containerd answer? One call tells all three. */
final class NerdctlVersion {

    /** The first with {@code update --restart} for containers of any policy, and with the native view as it is read here. */
    private static final int OLDEST = 2;

    private static final Pattern NUMBER = Pattern.compile("v?(\\d+)\\.");

    private NerdctlVersion() {}

    /** @throws EngineException when the answer to any of these is no */
    static void require(Nerdctl nerdctl, Duration limit) {
        String text;
        try {
            text = nerdctl.run(NerdctlCall.of("version", "--format={{json .}}").within(limit));
        } catch (EngineException e) {
            throw new EngineException(e.kind(), advised(nerdctl.place(), e.getMessage()), e);
        }
        String version = client(text);
        Matcher number = NUMBER.matcher(version);
        // a build of its own sources has any word for a version
        if (number.lookingAt() && Integer.parseInt(number.group(1)) < OLDEST) {
            throw new EngineException(
                    Kind.REFUSED,
                    "is version " + version + ", and " + OLDEST + ".0 is the oldest that will do; update it");
        }
    }

    private static String client(String text) {
        try {
            JsonObject client = Json.object(Json.object(text), "Client");
            return Json.text(client, "Version");
        } catch (JsonException e) {
            throw new EngineException(Kind.REFUSED, "what answers is not nerdctl: it says \"" + text.strip() + "\"", e);
        }
    }

    private static String advised(Place place, String words) {
        return switch (place) {
            case BUNDLED ->
                words.contains("containerd socket")
                        ? words
                                + ". Mount it (volumes: /run/containerd/containerd.sock:/run/containerd/containerd.sock)"
                                + " and what else nerdctl needs: /var/lib/containerd, /var/lib/nerdctl, /opt/cni/bin and"
                                + " /etc/cni/net.d"
                        : words;
            case HOST -> {
                if (words.contains("can't execute")) {
                    yield "there is none on the host (" + words + "); install it there, or use the image whose tag ends"
                            + " with -nerdctl";
                }
                yield words.contains("nsenter: ")
                        ? "the host's namespaces cannot be entered (" + words + "); run the action privileged and with"
                                + " pid: host"
                        : words;
            }
        };
    }
}
