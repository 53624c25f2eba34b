/** The two acts: the handoff in the action container and the launch in the waiter. */
@NullMarked
package io.waitdaemon.handoff;

import org.jspecify.annotations.NullMarked;
