package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.TlsFiles;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the waiter is given to reach containerd with: the mounts that its container gets, and the words by which it finds
 * its way, which {@link #address} and the others read again.
 *
 * @param binds source on the engine's side to path in the waiter
 * @param words as in {@link LaunchOrder#engine()}
 * @param onNetwork whether it needs a network
 */
record WaiterAccess(Map<Path, String> binds, Map<String, String> words, boolean onNetwork) {

    /** Where the target's output is in the waiter. */
    static final Path TARGET_OUTPUT = Path.of("/run/target");

    private static final String SOCKET = "/run/containerd.sock";
    private static final String ADDRESS = "address";
    private static final String NAMESPACE = "namespace";
    private static final String SELF = "self";
    private static final String AUTHORITIES = "authorities";
    private static final String CERTIFICATE = "certificate";
    private static final String KEY = "key";

    /** @param targetOutput folder of the target's output, on the engine's side */
    static WaiterAccess of(EngineWay way, OwnContainer action, ContainerId waiter, Path targetOutput) {
        Map<Path, String> binds = new LinkedHashMap<>();
        Map<String, String> words = new LinkedHashMap<>();
        words.put(NAMESPACE, action.namespace());
        words.put(SELF, waiter.value());
        binds.put(targetOutput, TARGET_OUTPUT.toString());
        boolean onNetwork =
                switch (way) {
                    case EngineWay.Remote remote -> {
                        words.put(ADDRESS, remote.address().uri().toString());
                        TlsFiles tls = remote.address().tls();
                        bind(AUTHORITIES, tls.authorities(), action, binds, words);
                        bind(CERTIFICATE, tls.certificate(), action, binds, words);
                        bind(KEY, tls.key(), action, binds, words);
                        yield true;
                    }
                    case EngineWay.Local local -> {
                        binds.put(local.onEngine(action), SOCKET);
                        words.put(ADDRESS, "unix://" + SOCKET);
                        yield false;
                    }
                };
        return new WaiterAccess(binds, words, onNetwork);
    }

    /** In the waiter: how it reaches containerd. */
    static ContainerdAddress address(LaunchOrder order) {
        Map<String, String> words = order.engine();
        return new ContainerdAddress(
                URI.create(words.getOrDefault(ADDRESS, "")),
                new TlsFiles(path(words, AUTHORITIES), path(words, CERTIFICATE), path(words, KEY)));
    }

    /** In the waiter: the namespace of all containers of the handoff. */
    static String namespace(LaunchOrder order) {
        return order.engine().getOrDefault(NAMESPACE, "");
    }

    /** In the waiter: its own id. */
    static ContainerId self(LaunchOrder order) {
        return new ContainerId(order.engine().getOrDefault(SELF, ""));
    }

    private static void bind(
            String word, Optional<Path> file, OwnContainer action, Map<Path, String> binds, Map<String, String> words) {
        if (file.isPresent()) {
            Path source = action.spec()
                    .source(file.get())
                    .orElseThrow(() -> new EngineException(
                            Kind.REFUSED,
                            "The TLS file \"" + file.get()
                                    + "\" came in by no mount, so it cannot be given to the waiter. Mount it"
                                    + " (volumes: /path/on/host:" + file.get() + ":ro)"));
            String inWaiter = "/run/tls/" + word + ".pem";
            binds.put(source, inWaiter);
            words.put(word, inWaiter);
        }
    }

    private static Optional<Path> path(Map<String, String> words, String word) {
        return Optional.ofNullable(words.get(word)).map(Path::of);
    }
}
