package io.waitdaemon.it;

import io.waitdaemon.engine.ContainerdPrograms;
import io.waitdaemon.engine.ImageArchive;
import io.waitdaemon.engine.PrivateContainerd;
import java.util.ArrayList;
import java.util.List;

/** By which of its ways does waitdaemon reach a containerd, and what does an action need for it? */
enum ContainerdRoute {
    /** containerd's own API, over the mounted socket. */
    API,

    /** The nerdctl in waitdaemon's image, with the mounts that the original's README names. */
    BUNDLED_NERDCTL,

    /** The host's nerdctl, without any mount. */
    HOST_NERDCTL;

    private static final String SOCKET = "/run/containerd/containerd.sock";

    ImageArchive image() {
        return switch (this) {
            case API, HOST_NERDCTL -> WaitdaemonImage.archive();
            case BUNDLED_NERDCTL -> WaitdaemonImage.withNerdctl();
        };
    }

    /**
     * The agent's options.
     *
     * @param open whether the engine shall be within reach
     */
    List<String> options(PrivateContainerd containerd, boolean open) {
        List<String> options = new ArrayList<>();
        switch (this) {
            case API -> {}
            case BUNDLED_NERDCTL -> {
                options.addAll(List.of("--env", "CONTAINER_RUNTIME=nerdctl"));
                String data = containerd.folder().resolve("root").toString();
                volume(options, data, data);
                volume(options, "/var/lib/nerdctl", "/var/lib/nerdctl");
                volume(options, ContainerdPrograms.get().cniPlugins().toString(), "/opt/cni/bin");
                volume(options, "/etc/cni/net.d", "/etc/cni/net.d");
            }
            case HOST_NERDCTL -> options.addAll(List.of("--env", "CONTAINER_RUNTIME=nerdctl"));
        }
        if (open) {
            switch (this) {
                case API, BUNDLED_NERDCTL -> volume(options, SOCKET, SOCKET);
                case HOST_NERDCTL -> options.addAll(List.of("--env", "NSENTER_HOST=true", "--pid", "host"));
            }
        }
        return options;
    }

    private static void volume(List<String> options, String source, String destination) {
        options.addAll(List.of("--volume", source + ":" + destination));
    }
}
