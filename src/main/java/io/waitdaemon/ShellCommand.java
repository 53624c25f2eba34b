package io.waitdaemon;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What waitdaemon says for itself, when it is not an action: help, version, and what an action looks like. */
@Command(
        name = "waitdaemon",
        mixinStandardHelpOptions = true,
        versionProvider = ShellCommand.Version.class,
        description = {
            "A Tinkerbell action that reports success first and runs your image afterwards.",
            "It runs as the container of an action; the environment variable IMAGE names the image to run:"
        },
        footer = {
            "",
            "  - name: reboot",
            "    image: waitdaemon",
            "    timeout: 90",
            "    pid: host",
            "    command: [\"reboot\"]",
            "    environment:",
            "      IMAGE: alpine",
            "      WAIT_SECONDS: 10"
        })
final class ShellCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    /** The exit status. Without IMAGE, all but an option of ours is a mistake in an action's template. */
    static int run(CommandLine.IFactory factory, String... arguments) {
        return new CommandLine(new ShellCommand(), factory)
                .setExpandAtFiles(false)
                .setUnmatchedArgumentsAllowed(true)
                .setStopAtUnmatched(true)
                .setStopAtPositional(true)
                .execute(arguments);
    }

    @Override
    public Integer call() {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        PrintWriter err = commandLine.getErr();
        List<String> given = commandLine.getParseResult().originalArgs();
        if (given.isEmpty()) {
            err.println(
                    "waitdaemon: the environment variable IMAGE is missing: it names the image to run after the wait."
                            + " An action looks like this:");
            commandLine.usage(err);
        } else {
            err.println("waitdaemon: the environment variable IMAGE is missing, so there is no image to run \""
                    + given.getFirst() + "\" in; see waitdaemon --help for what an action looks like.");
        }
        return ExitCode.BAD_CONFIGURATION.status();
    }

    /** The version of the running program. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "waitdaemon " + ConfigProvider.getConfig().getValue("quarkus.application.version", String.class)
            };
        }
    }
}
