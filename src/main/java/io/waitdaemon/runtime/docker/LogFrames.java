package io.waitdaemon.runtime.docker;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The text in an answer of {@code GET /containers/ID/logs}: frames with a header of eight bytes (stream, three zeros,
 * length), or, for a container with a terminal, the bare output (Engine API, "Attach to a container, stream format").
 */
final class LogFrames {

    private static final int HEADER = 8;

    private LogFrames() {}

    static List<String> lines(byte[] answer, boolean terminal) {
        String text = new String(terminal ? answer : contents(answer), StandardCharsets.UTF_8);
        return text.lines().filter(line -> !line.isBlank()).toList();
    }

    private static byte[] contents(byte[] answer) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        ByteBuffer frames = ByteBuffer.wrap(answer);
        while (frames.remaining() >= HEADER) {
            frames.getInt();
            int length = Math.min(frames.getInt(), frames.remaining());
            contents.write(answer, frames.position(), length);
            frames.position(frames.position() + length);
        }
        return contents.toByteArray();
    }
}
