package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;

/**
 * Messages inside of {@link Any}, as containerd writes them: the type is the bare name of the message, without the
 * prefix {@code type.googleapis.com/} that protobuf's own packing gives it (containerd's typeurl package).
 */
final class TypedAny {

    private TypedAny() {}

    static Any of(String typeName, MessageLite message) {
        return Any.newBuilder()
                .setTypeUrl(typeName)
                .setValue(message.toByteString())
                .build();
    }
}
