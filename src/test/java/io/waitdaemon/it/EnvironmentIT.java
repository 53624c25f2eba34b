package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.Engine;
import io.waitdaemon.it.Agent.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@link InputContract} cannot ask for: a working folder full of what would steer or break a JVM or Quarkus. */
@ResourceLock(Engine.LOCK)
@OnBothImages
class EnvironmentIT {

    private final Agent agent = new Agent(Engine.shared());

    @Test
    void files_in_the_working_folder_change_nothing() throws IOException {
        Path folder = agent.engine().folder().resolve("environment");
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(
                folder.resolve(".env"), "QUARKUS_LOG_LEVEL=BOGUS\nWAITDAEMON_WAIT_SECONDS=ten\nIMAGE=other\n");
        Files.writeString(
                folder.resolve("config/application.properties"),
                "quarkus.log.level=BOGUS\nwaitdaemon.wait-seconds=ten\nwaitdaemon.image=other\n");
        Files.writeString(folder.resolve(".hotspotrc"), "garbage");
        Files.writeString(folder.resolve(".hotspot_compiler"), "garbage");

        Action action = agent.run(List.of(
                        "--volume",
                        folder + ":/work",
                        "--workdir",
                        "/work",
                        "--env",
                        "QUARKUS_CONFIG_LOCATIONS=/work/config/application.properties",
                        "--env",
                        "WAIT_SECONDS=600"))
                .succeeded();

        assertThat(LogLine.of(action.log())).extracting(LogLine::level).containsOnly("INFO");
        assertThat(agent.docker()
                        .inspect(action.target())
                        .getJsonObject("Config")
                        .getString("Image"))
                .isEqualTo("target");
        action.forceRemoveAll();
    }
}
