/** The ways to reach a container engine, how they are probed and in which order. */
@NullMarked
package io.waitdaemon.runtime;

import org.jspecify.annotations.NullMarked;
