package io.waitdaemon.engine;

import java.io.IOException;
import java.io.InputStream;
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

    private final UnixConnection connection;
    private final AtomicReference<String> said = new AtomicReference<>("");

    private GuestControl(UnixConnection connection) {
        this.connection = connection;
        Thread reader = new Thread(this::read, "guest's shell");
        reader.setDaemon(true);
        reader.start();
    }

    static GuestControl connect(Path socket) {
        return new GuestControl(UnixConnection.open(socket));
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
        connection.write("echo B%s; ( %s\n) </dev/null 2>&1; r=$?; echo; echo E%s $r\n".formatted(mark, command, mark));
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
        connection.write("\necho " + mark + "\n");
        return Await.within(PATIENCE, () -> said.get().contains(mark));
    }

    private void read() {
        byte[] buffer = new byte[65536];
        InputStream input = connection.input();
        try {
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                String piece = new String(buffer, 0, count, StandardCharsets.UTF_8);
                said.updateAndGet(before -> before + piece);
            }
        } catch (IOException e) {
            said.updateAndGet(before -> before + "[the guest is gone: " + e + "]");
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
