/** What the target and the waiter shall be: every rule of what is kept and what is dropped. */
@NullMarked
package io.waitdaemon.plan;

import org.jspecify.annotations.NullMarked;
