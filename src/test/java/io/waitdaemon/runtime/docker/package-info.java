/** The Docker runtime's parts that need no engine. */
@NullMarked
package io.waitdaemon.runtime.docker;

import org.jspecify.annotations.NullMarked;
