package io.waitdaemon;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.waitdaemon.handoff.Handoff;
import io.waitdaemon.handoff.Launch;
import io.waitdaemon.handoff.Outcome;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.plan.LaunchOrder;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.LaunchRuntime;
import io.waitdaemon.runtime.Runtimes;
import io.waitdaemon.settings.InvalidSettings;
import io.waitdaemon.settings.SealedConfiguration;
import io.waitdaemon.settings.Settings;
import io.waitdaemon.settings.SettingsMapping;
import jakarta.enterprise.inject.Instance;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.graalvm.nativeimage.VMRuntime;
import org.jboss.logging.Logger;
import picocli.CommandLine;

/**
 * Decides what this process is: the handoff, when IMAGE is set, whatever the arguments are, since they are the target's;
 * else the launch, when the first argument says so; else a program that somebody calls at a shell.
 */
@QuarkusMain
public final class WaitDaemon implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(WaitDaemon.class);
    private static final Path PROC = Path.of("/proc");

    private final SettingsMapping mapping;
    private final Runtimes runtimes;
    private final Instance<CommandLine.IFactory> commands;

    WaitDaemon(SettingsMapping mapping, Runtimes runtimes, Instance<CommandLine.IFactory> commands) {
        this.mapping = mapping;
        this.runtimes = runtimes;
        this.commands = commands;
    }

    public static void main(String... arguments) {
        if ("runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            // since it is built to leave -D and -XX arguments alone (application.properties), SIGTERM and SIGPIPE would
            // have no handlers without this
            VMRuntime.initialize();
        }
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            SealedConfiguration.seal();
        }
        Quarkus.run(WaitDaemon.class, arguments);
    }

    @Override
    public int run(String... arguments) {
        if (Settings.isAction(mapping, System.getenv())) {
            return handOff(List.of(arguments)).status();
        }
        if (arguments.length == 2 && arguments[0].equals(HandoffPlan.LAUNCH_COMMAND)) {
            return launch(arguments[1]).status();
        }
        return ShellCommand.run(commands.get(), arguments);
    }

    private ExitCode handOff(List<String> command) {
        try {
            Settings settings = Settings.parse(mapping);
            Settings.warnings(System.getenv()).forEach(LOG::warn);
            return exitCode(new Handoff(runtimes, command, PROC).run(settings));
        } catch (InvalidSettings e) {
            LOG.errorf("The action's environment cannot be used. %s Nothing was created.", e.getMessage());
            return ExitCode.BAD_CONFIGURATION;
        }
    }

    private ExitCode launch(String given) {
        LaunchOrder order;
        try {
            order = LaunchOrder.fromJson(given);
        } catch (IllegalArgumentException e) {
            LOG.errorf("A launch is what a handoff asks a waiter for, and nothing for a shell: %s.", e.getMessage());
            return ExitCode.BAD_CONFIGURATION;
        }
        try (LaunchRuntime runtime = runtimes.named(order.runtime()).reconnect(order)) {
            return exitCode(new Launch(PROC, Clock.systemUTC()).run(order, runtime));
        } catch (EngineException e) {
            LOG.errorf("The waiter cannot reach the engine. %s Exiting with 2.", e.getMessage());
            return ExitCode.LAUNCH_FAILED;
        }
    }

    private static ExitCode exitCode(Outcome outcome) {
        return switch (outcome) {
            case DONE -> ExitCode.DONE;
            case HANDOFF_FAILED -> ExitCode.HANDOFF_FAILED;
            case LAUNCH_FAILED -> ExitCode.LAUNCH_FAILED;
            case TARGET_FAILED -> ExitCode.TARGET_FAILED;
            case NO_RUNTIME -> ExitCode.NO_RUNTIME;
        };
    }
}
