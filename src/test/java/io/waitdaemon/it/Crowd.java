package io.waitdaemon.it;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

/** Does many things, eight at a time. Two crowds at once would leave no engine of a small machine time to answer within its limit. */
final class Crowd {

    private static final int AT_A_TIME = 8;
    private static final ReentrantLock ALONE = new ReentrantLock();

    private Crowd() {}

    /** The results in the order of the tasks, once all have ended; the failure of the first of them that failed. */
    static <T> List<T> run(List<Callable<T>> tasks) throws Exception {
        ALONE.lock();
        try (ExecutorService hands = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<T> results = new ArrayList<>();
            for (Future<T> each : hands.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        } finally {
            ALONE.unlock();
        }
    }
}
