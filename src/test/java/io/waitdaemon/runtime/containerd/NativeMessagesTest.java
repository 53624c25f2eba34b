package io.waitdaemon.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.GeneratedMessageLite;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.waitdaemon.runtime.containerd.api.Container;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Is every message of containerd's API registered for the native executable, where none can be found missing at build time? */
class NativeMessagesTest {

    @Test
    void every_message_is_registered() {
        List<String> registered = Arrays.stream(NativeMessages.class
                        .getAnnotation(RegisterForReflection.class)
                        .targets())
                .map(Class::getName)
                .toList();

        List<String> messages = new ClassFileImporter()
                .importPackages(Container.class.getPackageName()).stream()
                        .filter(type -> type.isAssignableTo(GeneratedMessageLite.class))
                        .map(JavaClass::getName)
                        .toList();

        assertThat(messages).isNotEmpty();
        assertThat(registered).containsAll(messages);
    }
}
