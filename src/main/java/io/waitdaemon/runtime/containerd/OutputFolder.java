package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the output of a container is kept: a folder on the engine's side, which nobody but the engine's shims need reach.
 * A shim hands the output to a program that it starts itself (containerd's {@code binary://} logging), which is the
 * machine's shell here: so neither a client nor a shared file system has to be there for it. The shell leaves the work to
 * nerdctl where the machine has it, so that {@code nerdctl logs} shows the output, and else copies it into plain files.
 *
 * @param folder on the engine's side
 * @param nerdctl whose log format is wanted; empty when the user named a folder for plain files
 * @param address of containerd on the engine's side, for nerdctl
 */
record OutputFolder(Path folder, Optional<Nerdctl> nerdctl, String address) {

    /** Plain output, both streams in one file. */
    static final String OUTPUT = "output";

    static final String STDOUT = "stdout";
    static final String STDERR = "stderr";

    /** Shims inherit containerd's PATH, which may be short. */
    private static final String SEARCH_PATH = "PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    static OutputFolder of(Nerdctl nerdctl, String address, String namespace, ContainerId container) {
        return new OutputFolder(nerdctl.stateFolder(namespace, container), Optional.of(nerdctl), address);
    }

    /** In a folder that the user named ({@code CONTAINERD_IO_DIR}): regular files, one a stream. */
    static OutputFolder plain(Path parent, ContainerId container) {
        return new OutputFolder(parent.resolve(container.value()), Optional.empty(), "");
    }

    /** What containerd shall do with the output: the value of both {@code stdout} and {@code stderr} of a task. */
    String uri() {
        return HostShell.loggingUri(script(Map.of()));
    }

    /**
     * As {@link #uri()}, for the first task of the container.
     *
     * @param files to be made in the folder before the container is, unless they are there: name to contents
     */
    String uri(Map<String, String> files) {
        return HostShell.loggingUri(script(files));
    }

    /** What takes the folder away again. */
    String removal() {
        return "rm -rf " + quoted(folder.toString());
    }

    /**
     * The shell starts with the output at descriptors 3 and 4; containerd goes on once descriptor 5 is closed. SIGTERM
     * comes when the container has ended and must not cut off what is still in the pipes.
     */
    private String script(Map<String, String> files) {
        StringBuilder script = new StringBuilder("umask 022; d=")
                .append(quoted(folder.toString()))
                .append("; mkdir -p \"$d\" && cd \"$d\" || exit 1; ");
        files.forEach((name, contents) -> script.append("[ -e ")
                .append(name)
                .append(" ] || printf %s ")
                .append(quoted(contents))
                .append(" >")
                .append(name)
                .append("; "));
        script.append(SEARCH_PATH).append("; ");
        nerdctl.ifPresent(logs -> script.append("printf %s ")
                .append(quoted(logConfig()))
                .append(" >log-config.json; command -v nerdctl >/dev/null && exec nerdctl _NERDCTL_INTERNAL_LOGGING ")
                .append(quoted(logs.dataStore().toString()))
                .append("; "));
        String out = nerdctl.isPresent() ? OUTPUT : STDOUT;
        String err = nerdctl.isPresent() ? OUTPUT : STDERR;
        return script.append("trap '' TERM; cat <&3 3<&- 4<&- 5<&- >>")
                .append(out)
                .append(" & cat <&4 3<&- 4<&- 5<&- >>")
                .append(err)
                .append(" & exec 3<&- 4<&- 5<&-; wait")
                .toString();
    }

    private String logConfig() {
        return Json.PROVIDER
                .createObjectBuilder()
                .add("driver", "json-file")
                .add("opts", Json.PROVIDER.createObjectBuilder())
                .add("address", "unix://" + address)
                .build()
                .toString();
    }

    /** As one word of a POSIX shell. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** For a query; {@code +} would be read as a plus sign by some of containerd's versions. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
