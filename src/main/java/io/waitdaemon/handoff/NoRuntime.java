package io.waitdaemon.handoff;

import io.waitdaemon.self.Evidence;
import java.util.List;

/** No engine could be found that runs this container. */
final class NoRuntime extends RuntimeException {

    private final boolean answered;

    /**
     * @param tried the ways that were tried, each with the reason why it was passed over
     * @param answered whether an engine answered at all
     */
    NoRuntime(List<String> tried, boolean answered, Evidence evidence) {
        super(message(tried, answered, evidence));
        this.answered = answered;
    }

    /** Whether an engine answered, which leaves the question which container this is. */
    boolean answered() {
        return answered;
    }

    private static String message(List<String> tried, boolean answered, Evidence evidence) {
        String ways = String.join("; ", tried);
        if (!answered) {
            return "No usable container runtime. Tried: " + ways
                    + ". Mount the engine's socket into the action or give it pid: host.";
        }
        return "Cannot tell which container this is. Tried: " + ways + ". Found in /proc: " + evidence
                + ". waitdaemon must run as a container of the engine that it talks to: check that the socket which is"
                + " mounted (or DOCKER_HOST, CONTAINERD_ADDRESS) is that of the engine that runs the action, or give the"
                + " action pid: host. A remote engine has to run this container too; handing off to one that does not is"
                + " for `waitdaemon run` at a shell, which this version does not have yet.";
    }
}
