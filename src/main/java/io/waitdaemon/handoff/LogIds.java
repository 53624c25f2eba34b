package io.waitdaemon.handoff;

import io.waitdaemon.container.ContainerId;
import org.jboss.logging.MDC;

/** The ids that every log line carries from the moment they are known, so that one handoff can be followed. */
final class LogIds {

    private LogIds() {}

    static void action(ContainerId id) {
        MDC.put("action", id.shortForm());
    }

    static void target(ContainerId id) {
        MDC.put("target", id.shortForm());
    }

    static void waiter(ContainerId id) {
        MDC.put("waiter", id.shortForm());
    }
}
