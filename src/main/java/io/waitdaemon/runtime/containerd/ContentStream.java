package io.waitdaemon.runtime.containerd;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.waitdaemon.runtime.containerd.api.ReadContentResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;

/** A blob of the content store, read piece by piece. */
final class ContentStream extends InputStream {

    private final Iterator<ReadContentResponse> parts;
    private final ContainerdCalls calls;
    private ByteString part = ByteString.EMPTY;
    private int position;

    ContentStream(Iterator<ReadContentResponse> parts, ContainerdCalls calls) {
        this.parts = parts;
        this.calls = calls;
    }

    @Override
    public int read() throws IOException {
        return fill() ? part.byteAt(position++) & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, part.size() - position);
        part.copyTo(buffer, position, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws IOException {
        try {
            while (position == part.size()) {
                if (!parts.hasNext()) {
                    return false;
                }
                part = parts.next().getData();
                position = 0;
            }
            return true;
        } catch (StatusRuntimeException e) {
            throw new IOException(calls.failure(e));
        }
    }
}
