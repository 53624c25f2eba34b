package io.waitdaemon.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A root shell in a guest, behind a serial port: it has no other way in, so no network and no keys. */
final class GuestControl implements AutoCloseable {

    /** A shell that has just been started may have missed what it was asked. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final SocketChannel channel;
    private final AtomicReference<String> said = new AtomicReference<>("");

    private GuestControl(SocketChannel channel) {
        this.channel = channel;
        Thread reader = new Thread(this::read, "guest's shell");
        reader.setDaemon(true);
        reader.start();
    }

    static GuestControl connect(Path socket) {
        try {
            return new GuestControl(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot reach the guest's shell at " + socket, e);
        }
    }

    /** Runs a command line to its end; standard output and error are one. */
    synchronized Result run(String command, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (!answers()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("The guest's shell does not answer within " + limit);
            }
        }
        String mark = UUID.randomUUID().toString();
        Pattern answer = Pattern.compile("B" + mark + "\r?\n(.*?)\r?\n?E" + mark + " (\\d+)\r?\n", Pattern.DOTALL);
        write("echo B%s; ( %s\n) </dev/null 2>&1; r=$?; echo; echo E%s $r\n".formatted(mark, command, mark));
        Await.until(
                limit,
                () -> answer.matcher(said.get()).find(),
                () -> "The guest has not done '" + command + "' within " + limit + "; it said: " + said);
        Matcher matcher = answer.matcher(said.get());
        if (!matcher.find()) {
            throw new IllegalStateException("found before");
        }
        return new Result(List.of(command), Integer.parseInt(matcher.group(2)), matcher.group(1), "");
    }

    private boolean answers() {
        said.set("");
        String mark = UUID.randomUUID().toString();
        write("\necho " + mark + "\n");
        return Await.within(PATIENCE, () -> said.get().contains(mark));
    }

    private void write(String line) {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The guest's shell cannot be reached", e);
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        try {
            while (channel.read(buffer.clear()) >= 0) {
                String piece = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
                said.updateAndGet(before -> before + piece);
            }
        } catch (IOException e) {
            said.updateAndGet(before -> before + "[the guest is gone: " + e + "]");
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
