/** waitdaemon: an action that reports success first and has its image run afterwards. */
@NullMarked
package io.waitdaemon;

import org.jspecify.annotations.NullMarked;
