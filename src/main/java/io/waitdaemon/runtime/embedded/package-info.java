/** The dev profile's engine: local processes instead of containers. */
@NullMarked
package io.waitdaemon.runtime.embedded;

import org.jspecify.annotations.NullMarked;
