/** Whole handoffs on a real engine: an action is run as an agent runs it, and what becomes of it is looked at. */
@NullMarked
package io.waitdaemon.it;

import org.jspecify.annotations.NullMarked;
