/** containerd through its own gRPC API: nothing of Go's client library, and neither nerdctl nor ctr. */
@NullMarked
package io.waitdaemon.runtime.containerd;

import org.jspecify.annotations.NullMarked;
