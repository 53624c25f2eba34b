/** The nerdctl runtime's parts that need no engine. */
@NullMarked
package io.waitdaemon.runtime.nerdctl;

import org.jspecify.annotations.NullMarked;
