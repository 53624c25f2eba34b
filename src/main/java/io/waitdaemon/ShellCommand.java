package io.waitdaemon;

import org.eclipse.microprofile.config.ConfigProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;

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
final class ShellCommand implements Runnable {

    static int run(CommandLine.IFactory factory, String... arguments) {
        CommandLine commandLine = new CommandLine(new ShellCommand(), factory).setExpandAtFiles(false);
        commandLine.setParameterExceptionHandler((problem, given) -> {
            problem.getCommandLine()
                    .getErr()
                    .println("waitdaemon: " + problem.getMessage() + "; see waitdaemon --help");
            return ExitCode.BAD_CONFIGURATION.status();
        });
        if (arguments.length == 0) {
            commandLine
                    .getErr()
                    .println("waitdaemon: the environment variable IMAGE is missing: it names the image to run"
                            + " after the wait. An action looks like this:");
            commandLine.usage(commandLine.getErr());
            return ExitCode.BAD_CONFIGURATION.status();
        }
        return commandLine.execute(arguments);
    }

    @Override
    public void run() {
        throw new IllegalStateException("only help and version can be asked for");
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
