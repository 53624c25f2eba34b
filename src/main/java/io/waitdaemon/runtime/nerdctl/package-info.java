/** containerd through nerdctl's command line: the nerdctl in waitdaemon's image, or the host's through nsenter. */
@NullMarked
package io.waitdaemon.runtime.nerdctl;

import org.jspecify.annotations.NullMarked;
