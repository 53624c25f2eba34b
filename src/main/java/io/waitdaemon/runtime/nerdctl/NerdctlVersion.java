package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Is there a nerdctl, does its containerd answer, and is each new enough? One call tells all. */
final class NerdctlVersion {

    /** The first with {@code update --restart} for containers of any policy, and with the native view as it is read here. */
    private static final List<Integer> OLDEST = List.of(2, 0);

    /** Whose monitor of restarts is the first that can be told to leave a container ended. */
    private static final List<Integer> OLDEST_CONTAINERD = List.of(1, 7);

    private static final Pattern NUMBERS = Pattern.compile("v?(\\d+)\\.(\\d+)");

    private NerdctlVersion() {}

    /** @throws EngineException when the answer to any of these is no */
    static void require(Nerdctl nerdctl, Duration limit) {
        String text;
        try {
            text = nerdctl.run(NerdctlCall.of("version", "--format={{json .}}").within(limit));
        } catch (EngineException e) {
            throw new EngineException(e.kind(), advised(nerdctl.place(), e.getMessage()), e);
        }
        JsonObject answer = parsed(text);
        String version = Json.text(Json.object(answer, "Client"), "Version");
        if (isOlder(version, OLDEST)) {
            throw new EngineException(
                    Kind.REFUSED,
                    "is version " + version + ", and " + shown(OLDEST) + " is the oldest that will do; update it");
        }
        String containerd = containerd(Json.object(answer, "Server"));
        if (isOlder(containerd, OLDEST_CONTAINERD)) {
            throw new EngineException(
                    Kind.REFUSED,
                    "speaks to containerd " + containerd + ", and " + shown(OLDEST_CONTAINERD)
                            + " is the oldest that will do with nerdctl; use CONTAINER_RUNTIME=containerd");
        }
    }

    private static JsonObject parsed(String text) {
        try {
            return Json.object(text);
        } catch (JsonException e) {
            throw new EngineException(Kind.REFUSED, "what answers is not nerdctl: it says \"" + text.strip() + "\"", e);
        }
    }

    private static String containerd(JsonObject server) {
        return Json.objects(server, "Components").stream()
                .filter(component -> Json.text(component, "Name").equals("containerd"))
                .findFirst()
                .map(component -> Json.text(component, "Version"))
                .orElse("");
    }

    /** A build of its own sources has any word for a version: it counts as new. */
    private static boolean isOlder(String version, List<Integer> oldest) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.lookingAt()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        return major < oldest.getFirst() || (major == oldest.getFirst() && minor < oldest.getLast());
    }

    private static String shown(List<Integer> version) {
        return version.getFirst() + "." + version.getLast();
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
