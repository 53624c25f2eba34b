package io.waitdaemon.runtime.embedded;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.dev.console.DevConsoleManager;
import io.quarkus.dev.spi.HotReplacementContext;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchService;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Runs the handoff again as soon as a source file is saved. Quarkus by itself looks for changes when a request comes in
 * or a key is pressed, and a program in command mode gets no requests.
 */
@Singleton
@IfBuildProfile("dev")
final class SourceWatch {

    private static final Logger LOG = Logger.getLogger(SourceWatch.class);
    private static final WatchEvent.Kind<?>[] CHANGES = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE
    };

    void begin(@Observes StartupEvent started) {
        HotReplacementContext quarkus = DevConsoleManager.getHotReplacementContext();
        Thread.ofPlatform().daemon().name("source-watch").start(() -> watch(quarkus));
    }

    /** Ends with the restart: the restarted program watches for itself. */
    private static void watch(HotReplacementContext quarkus) {
        try {
            boolean restarted = false;
            while (!restarted) {
                awaitChange(quarkus.getSourcesDir());
                restarted = quarkus.doScan(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.errorf("Saved files are not looked at any more: %s. Press the space bar to restart.", e.getMessage());
        }
    }

    private static void awaitChange(List<Path> folders) throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            for (Path folder : folders) {
                try (Stream<Path> below = Files.walk(folder)) {
                    for (Path each : below.filter(Files::isDirectory).toList()) {
                        each.register(watch, CHANGES);
                    }
                }
            }
            watch.take();
        }
    }
}
