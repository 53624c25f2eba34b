/** The parts of handoff and launch that need no engine. */
@NullMarked
package io.waitdaemon.handoff;

import org.jspecify.annotations.NullMarked;
