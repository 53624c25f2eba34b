package io.waitdaemon.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** To a text protocol of a program at a Unix domain socket. */
final class UnixConnection implements AutoCloseable {

    private final Path socket;
    private final SocketChannel channel;

    private UnixConnection(Path socket, SocketChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    /** @throws UncheckedIOException when nobody listens there, as in all that follows */
    static UnixConnection open(Path socket) {
        try {
            return new UnixConnection(socket, SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException e) {
            throw new UncheckedIOException("Nobody listens at " + socket, e);
        }
    }

    /** A program has bound its socket a moment before it listens. */
    static boolean listens(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    void write(String text) {
        try {
            Channels.newOutputStream(channel).write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Nobody reads at " + socket, e);
        }
    }

    InputStream input() {
        return Channels.newInputStream(channel);
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
