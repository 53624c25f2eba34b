package io.waitdaemon.runtime.docker;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.io.IOException;
import java.net.Socket;

/**
 * In the native executable: docker-java's unix socket without its fallback to JNA. The builder links all that is
 * reachable, and JNA, which only JDKs before 16 need, is not in the class path.
 */
@TargetClass(className = "com.github.dockerjava.transport.UnixSocket")
final class NativeUnixSocket {

    @Alias
    NativeUnixSocket(String path) throws ReflectiveOperationException, IOException {}

    @Substitute
    public static Socket get(String path) throws IOException {
        try {
            return Socket.class.cast(new NativeUnixSocket(path));
        } catch (ReflectiveOperationException e) {
            throw new IOException(e);
        }
    }
}
