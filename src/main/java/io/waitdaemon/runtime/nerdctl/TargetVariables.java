package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The user's variables on their way to nerdctl, never in its arguments: as lines of an env file that it reads from its
 * standard input, so that they are written nowhere. What such a line cannot hold is handed over in nerdctl's own
 * environment.
 *
 * @param entries {@code NAME=value}
 */
record TargetVariables(List<String> entries) {

    /** nerdctl reads lines of less than 64 KiB, and takes the spaces at both ends away (flagutil.parseEnvVars). */
    private static final int LONGEST_LINE = (64 << 10) - 1;

    private static final int NEXT_LINE = 0x85;

    /** What nerdctl, nsenter, Go's runtime, the loader or programs that they start would take for themselves. */
    private static final Pattern STEERING = Pattern.compile(
            "PATH|HOME|USER|TMPDIR|NETCONFPATH|NOTIFY_SOCKET|[A-Za-z]+_(?i:proxy)"
                    + "|(?:LD|GO|MALLOC|GLIBC|NERDCTL|CONTAINERD|CONTAINER|DOCKER|BUILDKIT|CNI|XDG|HOSTS|IPFS|SSL|OTEL)_?.*");

    TargetVariables {
        entries = List.copyOf(entries);
    }

    /** The options by which nerdctl finds them. */
    void add(Options options) {
        if (!file().isEmpty()) {
            options.add("env-file", "/proc/self/fd/0");
        }
        inherited().keySet().forEach(name -> options.add("env", name));
        if (entries.stream().anyMatch(entry -> entry.startsWith("HOSTNAME="))) {
            options.lose("the variable HOSTNAME, which nerdctl sets to the target's hostname");
        }
    }

    /** The env file. */
    String file() {
        return entries.stream()
                .filter(TargetVariables::fitsALine)
                .map(entry -> entry + "\n")
                .collect(Collectors.joining());
    }

    /**
     * Those that do not fit into a line.
     *
     * @throws EngineException for one that would steer nerdctl instead
     */
    Map<String, String> inherited() {
        Map<String, String> inherited = new LinkedHashMap<>();
        entries.stream().filter(entry -> !fitsALine(entry)).forEach(entry -> {
            String[] variable = entry.split("=", 2);
            if (STEERING.matcher(variable[0]).matches()) {
                throw new EngineException(
                        Kind.REFUSED,
                        "the variable " + variable[0]
                                + " can be handed to nerdctl only in a line of less than 64 KiB that"
                                + " neither begins nor ends with a space; change its value, or use"
                                + " CONTAINER_RUNTIME=containerd");
            }
            inherited.put(variable[0], variable[1]);
        });
        return inherited;
    }

    /** The names, with values that nobody sees. */
    List<String> masked() {
        return entries.stream().map(entry -> entry.split("=", 2)[0] + "=***").toList();
    }

    @Override
    public String toString() {
        return masked().toString();
    }

    private static boolean fitsALine(String entry) {
        return entry.indexOf('\n') < 0
                && entry.indexOf('\r') < 0
                && !entry.startsWith("#")
                && !entry.isEmpty()
                && !isSpace(entry.codePointAt(0))
                && !isSpace(entry.codePointBefore(entry.length()))
                && entry.getBytes(java.nio.charset.StandardCharsets.UTF_8).length < LONGEST_LINE;
    }

    /** As Go's unicode.IsSpace has it. */
    private static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == NEXT_LINE;
    }
}
