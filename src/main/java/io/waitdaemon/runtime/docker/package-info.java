/** Docker Engine through docker-java's transport; containers are JSON trees throughout. */
@NullMarked
package io.waitdaemon.runtime.docker;

import org.jspecify.annotations.NullMarked;
