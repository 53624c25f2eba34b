package io.waitdaemon;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** May this package use that one? The rules of RATIONALE.md, "Rooms". */
@AnalyzeClasses(packages = "io.waitdaemon", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String CONTAINER = "io.waitdaemon.container";
    private static final String PLAN = "io.waitdaemon.plan";
    private static final String RUNTIME = "io.waitdaemon.runtime..";

    @ArchTest
    static final ArchRule CONTAINER_KNOWS_NOBODY = onlyUses(CONTAINER, CONTAINER);

    @ArchTest
    static final ArchRule SETTINGS_KNOW_THE_NOUNS =
            onlyUses("io.waitdaemon.settings", "io.waitdaemon.settings", CONTAINER);

    @ArchTest
    static final ArchRule SELF_KNOWS_THE_NOUNS = onlyUses("io.waitdaemon.self", "io.waitdaemon.self", CONTAINER);

    @ArchTest
    static final ArchRule PLAN_KNOWS_THE_NOUNS = onlyUses(PLAN, PLAN, CONTAINER);

    @ArchTest
    static final ArchRule RUNTIMES_KNOW_THE_PLAN = onlyUses(RUNTIME, RUNTIME, PLAN, CONTAINER);

    @ArchTest
    static final ArchRule ONE_RUNTIME_KNOWS_NOTHING_OF_ANOTHER =
            com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices()
                    .matching("io.waitdaemon.runtime.(*)..")
                    .should()
                    .notDependOnEachOther();

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_MAIN_CLASSES = noClasses()
            .that()
            .resideInAPackage("io.waitdaemon.(*)..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.waitdaemon");

    @ArchTest
    static final ArchRule DOCKER_JAVA_STAYS_IN_ITS_ROOM = noClasses()
            .that()
            .resideOutsideOfPackage("io.waitdaemon.runtime.docker")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.github.dockerjava..");

    @ArchTest
    static final ArchRule GRPC_STAYS_IN_ITS_ROOM = noClasses()
            .that()
            .resideOutsideOfPackage("io.waitdaemon.runtime.containerd..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "io.waitdaemon.runtime.containerd.api..");

    @ArchTest
    static final ArchRule ONLY_THE_MAIN_CLASSES_PARSE_COMMAND_LINES = noClasses()
            .that()
            .resideOutsideOfPackage("io.waitdaemon")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    private static ArchRule onlyUses(String room, String... allowed) {
        return classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.not(
                                com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(
                                        "io.waitdaemon.."))
                        .or(com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(allowed)));
    }
}
