package io.waitdaemon.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.waitdaemon.engine.DockerCli;
import io.waitdaemon.engine.Engine;
import jakarta.json.JsonString;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Is the AOT cache in the jvm image that of its own classes? */
@Tag("jvm-image")
@ResourceLock(Engine.LOCK)
class JvmImageIT {

    private final DockerCli docker = Engine.shared().cli();

    @BeforeEach
    void provide() {
        WaitdaemonImage.provide(docker);
    }

    @Test
    void cache_left_by_an_earlier_build_is_not_taken_over() {
        String beginning = WaitdaemonImage.busybox(docker, "head", "-c", "64", "/app/waitdaemon.aot");

        assertThat(beginning).isNotEmpty().doesNotContain(WaitdaemonImage.STALE_CACHE);
    }

    @Test
    void runtime_accepts_the_cache_and_takes_the_programs_classes_from_it() {
        assertThat(startOfJava("-Xlog:class+load").filter(line -> line.contains(" io.waitdaemon.WaitDaemon source:")))
                .singleElement()
                .asString()
                .contains("shared objects file");
    }

    /** JDK 25 puts some in by itself, and does not check that it is for the processor that it runs on. */
    @Test
    void cache_holds_no_machine_code() {
        assertThat(startOfJava("-Xlog:aot+codecache+init")).anyMatch(line -> line.endsWith("AOT Code Cache is empty"));
    }

    /** What a start of the program as in the image says, with this logging instead of the image's. */
    private Stream<String> startOfJava(String logging) {
        List<String> entrypoint = docker
                .inspect(WaitdaemonImage.NAME)
                .getJsonObject("Config")
                .getJsonArray("Entrypoint")
                .getValuesAs(JsonString.class)
                .stream()
                .map(JsonString::getString)
                .toList();
        int java = entrypoint.indexOf("/runtime/bin/java");
        List<String> options = entrypoint.subList(java + 1, entrypoint.size());
        return docker.ok(Stream.of(
                                Stream.of("run", "--rm", "--network", "none", "--entrypoint", "/runtime/bin/java"),
                                Stream.of(WaitdaemonImage.NAME),
                                options.stream()
                                        .filter(option -> !option.startsWith("-Xlog"))
                                        .takeWhile(option -> !option.equals("-jar")),
                                Stream.of("-XX:AOTMode=on", logging, "-jar", "/app/quarkus-run.jar", "--version"))
                        .flatMap(words -> words)
                        .toArray(String[]::new))
                .out()
                .lines();
    }
}
