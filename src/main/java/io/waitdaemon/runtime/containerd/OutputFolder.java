package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.Json;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the output of a container is kept: a folder on the engine's side, which nobody but the engine's shims need reach.
 * A shim hands the output to a program that it starts itself (containerd's {@code binary://} logging), which is the
 * machine's shell here: so neither a client nor a shared file system has to be there for it, and containerd neither.
 *
 * @param folder on the engine's side
 * @param logName file for lines in the form of Docker's and nerdctl's json-file driver; empty for plain files, one a stream
 * @param address of containerd on the engine's side, for nerdctl
 */
record OutputFolder(Path folder, Optional<String> logName, String address) {

    /** Plain output, both streams in one file: where the machine has no awk that would do. */
    static final String OUTPUT = "output";

    static final String STDOUT = "stdout";
    static final String STDERR = "stderr";

    /** What the name of a file in the form of the json-file driver ends with. */
    static final String JSON_LOG = "-json.log";

    /**
     * Makes a JSON object of each line; strftime is in mawk, gawk and busybox's awk, though not in POSIX. An unbuffered mawk
     * writes {@code ORS} by itself, and what the other stream's awk writes might come between: so there is none.
     */
    private static final String TO_JSON = """
            BEGIN { ORS = "" }
            {
              gsub(/\\000/, "")
              gsub(/[\\\\"]/, "\\\\\\\\&")
              if (/[\\001-\\037]/) for (n = 1; n < 32; n++) gsub(sprintf("%c", n), sprintf("\\\\u%04x", n))
              time = strftime("%Y-%m-%dT%H:%M:%SZ")
              print "{\\"log\\":\\"" $0 "\\\\n\\",\\"stream\\":\\"" stream "\\",\\"time\\":\\"" time "\\"}\\n"
              fflush()
            }""";

    /** In the container's own folder of nerdctl's, in the form that {@code nerdctl logs} reads. */
    static OutputFolder of(Nerdctl nerdctl, String address, String namespace, ContainerId container) {
        return new OutputFolder(
                nerdctl.stateFolder(namespace, container), Optional.of(container.value() + JSON_LOG), address);
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

    /**
     * What makes the folder and files in it ahead of the container. With a terminal the shim reads the output only once
     * the container is there, and a file that is to be mounted would be missed; without one, {@link #uri(Map)} does it.
     *
     * @return empty when there are none
     */
    String preparation(Map<String, String> files) {
        return files.isEmpty() ? "" : folderWith(files).toString();
    }

    /** What takes such a folder away again. */
    static String removal(Path folder) {
        return "rm -rf " + HostShell.quoted(folder.toString());
    }

    /**
     * The shell starts with the output at descriptors 3 and 4; containerd goes on once descriptor 5 is closed. SIGTERM
     * comes when the container is taken away and must not cut off what is still in the pipes.
     */
    private String script(Map<String, String> files) {
        StringBuilder script = folderWith(files);
        script.append(HostShell.SEARCH_PATH).append("; ").append(copiers());
        return script.append("trap '' TERM; (exec <&3 3<&- 4<&- 5<&-; copy stdout) & ")
                .append("(exec <&4 3<&- 4<&- 5<&-; copy stderr) & exec 3<&- 4<&- 5<&-; wait")
                .toString();
    }

    /**
     * The shell function {@code copy}, which copies what it reads to where the stream that it is told of belongs. Where one
     * program does that the shell becomes it, for one process less.
     *
     * <p>mawk waits for more than there is unless it is told not to, and then ends a line at a zero byte; so these are taken
     * out before it. What takes them out comes with the same distributions as mawk does, and must not wait either.
     */
    private String copiers() {
        if (logName.isEmpty()) {
            return "copy() { exec cat >>$1; }; ";
        }
        return "printf %s " + HostShell.quoted(logConfig()) + " >log-config.json; export LC_ALL=C TZ=UTC0; json="
                + HostShell.quoted(TO_JSON)
                + "; log=" + HostShell.quoted(logName.get())
                + "; now=; lines() { exec awk $now -v stream=$1 \"$json\"; }; copy() { lines $1 >>$log; }"
                + "; if awk -W version </dev/null 2>&1 | grep -q mawk; then now='-W interactive'"
                + "; if stdbuf -o0 true; then copy() { stdbuf -o0 tr -d '\\000' | lines $1 >>$log; }; fi; fi"
                + "; if ! echo x | lines 1 2>/dev/null | grep -q x; then copy() { exec cat >>" + OUTPUT + "; }; fi; ";
    }

    private StringBuilder folderWith(Map<String, String> files) {
        StringBuilder script = new StringBuilder("umask 022; d=")
                .append(HostShell.quoted(folder.toString()))
                .append("; mkdir -p \"$d\" && cd \"$d\" || exit 1; ");
        files.forEach((name, contents) -> script.append("[ -e ")
                .append(name)
                .append(" ] || printf %s ")
                .append(HostShell.quoted(contents))
                .append(" >")
                .append(name)
                .append("; "));
        return script;
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
}
