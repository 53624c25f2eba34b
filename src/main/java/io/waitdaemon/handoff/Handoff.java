package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerId;
import io.waitdaemon.container.ImageReference;
import io.waitdaemon.container.PullPolicy;
import io.waitdaemon.plan.HandoffPlan;
import io.waitdaemon.runtime.ContainerRuntime;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.Runtimes;
import io.waitdaemon.self.Evidence;
import io.waitdaemon.settings.LogFormat;
import io.waitdaemon.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * All that happens in the action container (SPEC §4): whatever can fail fails here, while the agent still listens, and
 * what was created by then is removed again.
 */
public final class Handoff {

    private static final Logger LOG = Logger.getLogger(Handoff.class);
    private static final Duration WAITER_START_LIMIT = Duration.ofSeconds(60);

    private final Runtimes runtimes;
    private final List<String> command;
    private final Path proc;
    private final UptimeClock clock;

    /**
     * @param command the arguments of this process
     * @param proc where the proc file system is mounted
     */
    public Handoff(Runtimes runtimes, List<String> command, Path proc) {
        this.runtimes = runtimes;
        this.command = List.copyOf(command);
        this.proc = proc;
        this.clock = new UptimeClock(proc);
    }

    public Outcome run(Settings settings) {
        RuntimeSelection.Selected selected;
        try {
            selected = new RuntimeSelection(runtimes, Evidence.gather(proc)).select(settings);
        } catch (NoRuntime e) {
            LOG.error(e.getMessage());
            return e.answered() ? Outcome.HANDOFF_FAILED : Outcome.NO_RUNTIME;
        }
        Redaction redaction = redaction(settings, selected);
        try (ContainerRuntime runtime = selected.runtime()) {
            handOff(settings, selected, runtime, redaction);
            return Outcome.DONE;
        } catch (HandoffFailed e) {
            LOG.error(redaction.apply(e.getMessage()));
            return Outcome.HANDOFF_FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.HANDOFF_FAILED;
        }
    }

    private void handOff(
            Settings settings, RuntimeSelection.Selected selected, ContainerRuntime runtime, Redaction redaction)
            throws InterruptedException {
        if (settings.dryRun()) {
            describe(settings, plan(settings, selected), runtime);
            return;
        }
        // first of all: the launch of an earlier try is void, however this one ends
        attempt("Clearing up after an earlier try of this action failed", runtime::clearEarlierTry)
                .forEach(LOG::info);
        provideImage(settings, runtime, redaction);
        // not before the pull, which may take minutes: the waiter's bound counts from the uptime in the plan
        HandoffPlan plan = plan(settings, selected);
        try (Undo undo = new Undo(runtime)) {
            ContainerId target = undo.create(() -> attempt(
                    "The engine refused to create the target from \"" + plan.image() + "\"",
                    () -> runtime.createTarget(plan)));
            LogIds.target(target);
            ContainerId waiter = undo.create(
                    () -> attempt("The engine refused to create the waiter", () -> runtime.createWaiter(plan, target)));
            LogIds.waiter(waiter);
            attempt("The waiter could not be started", () -> {
                runtime.startWaiter(waiter, WAITER_START_LIMIT);
                return waiter;
            });
            undo.forget();
        }
        LOG.infof(
                "Handed off: the waiter starts the target %s, from \"%s\", %s after this container has ended. Exiting with 0.",
                plan.name(HandoffPlan.Role.TARGET), plan.image(), Durations.shown(plan.delay()));
    }

    private static Redaction redaction(Settings settings, RuntimeSelection.Selected selected) {
        return new Redaction(
                Settings.confidential(selected.action().environment()),
                List.of(settings.image().text(), selected.action().name()),
                settings.credentials());
    }

    private HandoffPlan plan(Settings settings, RuntimeSelection.Selected selected) {
        long jitter = settings.jitter().isZero()
                ? 0
                : ThreadLocalRandom.current().nextLong(settings.jitter().toMillis() + 1);
        return new HandoffPlan(
                selected.action(),
                settings.image(),
                command,
                settings.delay().plusMillis(jitter),
                clock.bootId(),
                clock.now(),
                settings.logFormat() == LogFormat.TEXT);
    }

    private void provideImage(Settings settings, ContainerRuntime runtime, Redaction redaction)
            throws InterruptedException {
        ImageReference image = settings.image();
        boolean present = attempt("Asking for the image \"" + image + "\" failed", () -> runtime.hasImage(image));
        if (present && (settings.pullPolicy() != PullPolicy.ALWAYS || image.isImageId())) {
            LOG.infof("The image \"%s\" is present.", image);
            return;
        }
        if (settings.pullPolicy() == PullPolicy.NEVER || image.isImageId()) {
            throw new HandoffFailed("The image \"" + image + "\" is not present and "
                    + (image.isImageId() ? "an image id cannot be pulled" : "WAITDAEMON_PULL_POLICY is never")
                    + ". Load the image into the engine, or change IMAGE or the policy.");
        }
        LOG.infof("Pulling \"%s\".", image);
        try {
            Backoff.PULL.run("Pulling \"" + image + "\"", () -> {
                try {
                    runtime.pull(image, settings.credentials(), LOG::info);
                } catch (EngineException e) {
                    throw redaction.apply(e);
                }
            });
        } catch (EngineException e) {
            throw new HandoffFailed("Cannot pull the image \"" + image + "\": " + e.getMessage()
                    + ". Check IMAGE, that the engine reaches the registry " + image.registry()
                    + ", and for a private image WAITDAEMON_REGISTRY_USERNAME and WAITDAEMON_REGISTRY_PASSWORD.");
        }
        LOG.infof("Pulled \"%s\".", image);
    }

    private static void describe(Settings settings, HandoffPlan plan, ContainerRuntime runtime) {
        boolean present = attempt("Asking for the image failed", () -> runtime.hasImage(settings.image()));
        LOG.infof(
                "Dry run, nothing is created. The image \"%s\" is %s; the pull policy is %s. The target would start %s after"
                        + " the end of this container.",
                plan.image(),
                present ? "present" : "not present",
                settings.pullPolicy().name().toLowerCase(java.util.Locale.ROOT),
                Durations.shown(plan.delay()));
        attempt("Planning failed", () -> runtime.describe(plan))
                .forEach(document -> LOG.infof("Would create: %s", document));
    }

    private static <T> T attempt(String failure, java.util.function.Supplier<T> step) {
        try {
            return step.get();
        } catch (EngineException e) {
            throw new HandoffFailed(failure + ": " + e.getMessage()
                    + ". What it had created is removed; the action can be run again once this is mended.");
        }
    }
}
