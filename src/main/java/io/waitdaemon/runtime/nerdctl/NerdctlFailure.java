package io.waitdaemon.runtime.nerdctl;

import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What nerdctl's words on standard error mean: it has one exit code for all failures. */
final class NerdctlFailure {

    /** A text as Go quotes it, or a bare word. Possessive, since a message may be longer than a stack is deep. */
    private static final String VALUE = "(\"(?:[^\"\\\\]++|\\\\.)*+\"|\\S++)";

    /** A line of nerdctl's logger, logrus: {@code time="…" level=fatal msg="…" error="…"}. */
    private static final Pattern LOGGED =
            Pattern.compile("time=\"[^\"]*+\" level=(\\w++) msg=" + VALUE + "(.*+)", Pattern.DOTALL);

    private static final Pattern ERROR_FIELD = Pattern.compile(" error=" + VALUE);

    /** What nerdctl puts before the failures of a command that takes several containers. */
    private static final Pattern COUNT = Pattern.compile("\\A\\d+ errors:\\s*");

    /** The latter are of a container that nerdctl has found and that is taken away just then, or its process. */
    private static final Pattern NOT_FOUND = Pattern.compile("no such (?:container|object|image)|code = notfound"
            + "|no running task found|(?:container|task) \"?[0-9a-f]{64}\"?(?: in namespace \"[^\"]*\")?:? not found");

    private static final List<String> UNAVAILABLE = List.of(
            "cannot access containerd socket",
            "connection refused",
            "code = unavailable",
            "connection error",
            "error reading from server",
            "transport is closing",
            "ttrpc: closed",
            "deadline exceeded",
            "timeout",
            "timed out",
            "too many requests",
            "connection reset",
            "temporary failure",
            "internal server error",
            "bad gateway",
            "service unavailable",
            "tls handshake",
            "unexpected eof");

    private static final int NO_SUCH_PROGRAM = 127;

    private NerdctlFailure() {}

    /** Whether a line is nerdctl's own, and not of the container whose output it shows. */
    static boolean isLogged(String line) {
        return LOGGED.matcher(line).matches();
    }

    /** @param errors the last lines of standard error */
    static EngineException of(Place place, int exitCode, List<String> errors) {
        String words = words(errors);
        if (words.contains("nsenter: ") || exitCode == NO_SUCH_PROGRAM) {
            return new EngineException(Kind.REFUSED, words);
        }
        return new EngineException(
                kind(words),
                words.isEmpty()
                        ? place.description() + " ended with exit code " + exitCode + " and said nothing"
                        : words);
    }

    private static Kind kind(String words) {
        String text = words.toLowerCase(Locale.ROOT);
        if (NOT_FOUND.matcher(text).find()) {
            return Kind.NOT_FOUND;
        }
        return UNAVAILABLE.stream().anyMatch(text::contains) ? Kind.UNAVAILABLE : Kind.REFUSED;
    }

    /** What it died of; where it did not say so in its log, all that it wrote. */
    private static String words(List<String> errors) {
        List<String> fatal = errors.stream()
                .map(LOGGED::matcher)
                .filter(Matcher::matches)
                .filter(line -> line.group(1).equals("fatal") || line.group(1).equals("error"))
                .map(NerdctlFailure::message)
                .toList();
        return (fatal.isEmpty() ? errors.stream() : fatal.stream())
                .map(line -> COUNT.matcher(line).replaceFirst("").strip().replaceAll("\\s*\\n\\s*", "; "))
                .filter(line -> !line.isEmpty())
                .distinct()
                .collect(Collectors.joining("; "));
    }

    private static String message(Matcher line) {
        Matcher error = ERROR_FIELD.matcher(line.group(3));
        String message = unquoted(line.group(2));
        return error.find() ? message + ": " + unquoted(error.group(1)) : message;
    }

    /** As Go quotes a string, as far as it matters to a reader. */
    private static String unquoted(String text) {
        if (!text.startsWith("\"")) {
            return text;
        }
        return text.substring(1, text.length() - 1)
                .replace("\\n", "\n")
                .replace("\\t", " ")
                .replace("\\\"", "\"")
                .replace("\\\\", "\\");
    }
}
