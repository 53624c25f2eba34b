package io.waitdaemon.runtime.docker;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.io.IOException;
import java.net.SocketAddress;

/** In the native executable: docker-java's named pipes, which only Windows has, without the JNA that they need. */
@TargetClass(className = "com.github.dockerjava.transport.NamedPipeSocket")
final class NativeNamedPipeSocket {

    @Substitute
    @SuppressWarnings("DoNotCallSuggester") // never called by name: it takes another method's place
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        throw new IOException("named pipes exist on Windows only");
    }
}
