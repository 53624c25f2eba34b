package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.waitdaemon.container.ContainerId;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.CreateTaskRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;

/**
 * Runs a shell script on the engine's machine, as the engine. containerd has no call for this, but its shims start a
 * program for the output of a container (containerd's core/runtime documentation on logging, {@code binary://}) and
 * wait until it is ready before they make the container. A container without a specification can never be made, so
 * nothing comes into being but what the script does.
 */
final class HostShell {

    private static final Logger LOG = Logger.getLogger(HostShell.class);

    /** A shim starts its program without a PATH, whatever containerd's own is (1.6 to 2.1), and runc a hook likewise. */
    static final String SEARCH_PATH = "PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private HostShell() {}

    /** What makes a shim start the machine's shell with a script, and the output of the container at 3 and 4. */
    static String loggingUri(String script) {
        return "binary:///bin/sh?-c=" + encoded(script);
    }

    /**
     * Returns when the script has ended. How it ended is not known.
     *
     * @param runtime of containerd, such as {@code io.containerd.runc.v2}
     */
    static void run(ContainerdNamespace namespace, Container.Runtime runtime, String script) {
        ContainerId id = ContainerIds.random();
        namespace.createContainer(Container.newBuilder()
                .setId(id.value())
                .setRuntime(runtime)
                .setSpec(noSpecification())
                .build());
        try {
            String uri = loggingUri(script);
            namespace.createTask(CreateTaskRequest.newBuilder()
                    .setContainerId(id.value())
                    .setStdout(uri)
                    .setStderr(uri)
                    .build());
        } catch (EngineException e) {
            LOG.debugf("As it has to be, no container was made for the script: %s", e.getMessage());
        } finally {
            namespace.deleteContainer(id.value());
        }
    }

    /** As one word of a POSIX shell. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** For a query; {@code +} would be read as a plus sign by some of containerd's versions. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** No constant: a message in the heap of a native executable is one whose fields lie elsewhere than protobuf thinks. */
    private static Any noSpecification() {
        return Any.newBuilder()
                .setTypeUrl("types.containerd.io/opencontainers/runtime-spec/1/Spec")
                .setValue(ByteString.copyFromUtf8("{}"))
                .build();
    }
}
