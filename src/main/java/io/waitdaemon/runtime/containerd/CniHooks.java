package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.List;

/**
 * OCI hooks that connect a container to CNI networks and disconnect it again (OCI runtime specification, config.md,
 * "POSIX-platform Hooks"). containerd runs no network plugins, and no client of ours is there when the container ends;
 * runc runs hooks on the engine's machine whoever is there. The configurations are made here, so that the shell scripts
 * have nothing to parse: each plugin after the first gets the result of the one before (CNI specification 1.0, section 4).
 */
final class CniHooks {

    /** Debian's place is the second, that of other distributions the third. */
    private static final String PLUGINS = "/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni";

    private static final int TIMEOUT_SECONDS = 60;

    private final ContainerId container;
    private final List<CniNetwork> networks;

    CniHooks(ContainerId container, List<CniNetwork> networks) {
        this.container = container;
        this.networks = List.copyOf(networks);
    }

    /** {@code hooks} of an OCI runtime specification. */
    JsonObject json() {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("createRuntime", hook(connect()))
                .add("poststop", hook(disconnect()))
                .build();
    }

    private static JsonArrayBuilder hook(String script) {
        JsonObjectBuilder hook = Json.PROVIDER
                .createObjectBuilder()
                .add("path", "/bin/sh")
                .add("args", Json.strings(List.of("sh", "-c", script)))
                .add("timeout", TIMEOUT_SECONDS);
        return Json.PROVIDER.createArrayBuilder().add(hook);
    }

    /**
     * A network namespace that a plugin shall clean up has to outlive its last process, so it is bound to a file, as
     * CRI does. What a plugin answered is kept beside it.
     */
    private String connect() {
        StringBuilder script = new StringBuilder(common())
                .append("pid=$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'); export CNI_COMMAND=ADD; ");
        for (int index = 0; index < networks.size(); index++) {
            script.append(interfaceNamed(index))
                    .append(
                            "mkdir -p \"$d\"; : >\"$d/netns\"; mount --bind /proc/$pid/ns/net \"$d/netns\" || exit 1; ");
            for (JsonObject plugin : networks.get(index).plugins()) {
                script.append("plugin ")
                        .append(arguments(plugin))
                        .append(" >\"$d/next\" || { cat \"$d/next\" >&2; exit 1; }; mv \"$d/next\" \"$d/result\"; ");
            }
        }
        return script.toString();
    }

    /** Goes on after a failure, as CNI asks for, and is content with what was only half connected. */
    private String disconnect() {
        StringBuilder script = new StringBuilder(common()).append("export CNI_COMMAND=DEL; ");
        for (int index = 0; index < networks.size(); index++) {
            script.append(interfaceNamed(index)).append("if [ -d \"$d\" ]; then ");
            for (JsonObject plugin : networks.get(index).plugins().reversed()) {
                script.append("plugin ").append(arguments(plugin)).append(" >/dev/null; ");
            }
            script.append("umount \"$d/netns\"; rm -rf \"$d\"; fi; ");
        }
        return script.append("rmdir \"$all\" 2>/dev/null; exit 0").toString();
    }

    private String common() {
        return HostShell.SEARCH_PATH + "; all=/run/waitdaemon/"
                + container
                + "; export PATH CNI_PATH=" + PLUGINS + " CNI_CONTAINERID=" + container + "; "
                + "plugin() { for folder in $(IFS=:; echo $CNI_PATH); do [ -x \"$folder/$1\" ] && break; done; "
                + "{ printf %s \"$2\"; [ ! -s \"$d/result\" ] || { printf ',\"prevResult\":'; cat \"$d/result\"; }; "
                + "printf '}'; } | \"$folder/$1\"; }; ";
    }

    private static String interfaceNamed(int index) {
        return "d=$all/eth" + index + "; export CNI_IFNAME=eth" + index + " CNI_NETNS=\"$d/netns\"; ";
    }

    /** The plugin's name, and its configuration without the closing brace. */
    private static String arguments(JsonObject plugin) {
        String configuration = plugin.toString();
        return HostShell.quoted(Json.text(plugin, "type")) + " "
                + HostShell.quoted(configuration.substring(0, configuration.length() - 1));
    }
}
