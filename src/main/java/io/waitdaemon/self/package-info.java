/** Which container is this process in? Evidence from /proc, believed only where the engine confirms it. */
@NullMarked
package io.waitdaemon.self;

import org.jspecify.annotations.NullMarked;
