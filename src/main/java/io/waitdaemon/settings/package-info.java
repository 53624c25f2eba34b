/** What the operator asked for, read from the environment of the action, checked as a whole. */
@NullMarked
package io.waitdaemon.settings;

import org.jspecify.annotations.NullMarked;
