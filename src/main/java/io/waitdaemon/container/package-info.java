/** The nouns that every other package speaks of: values with their rules, no input or output. */
@NullMarked
package io.waitdaemon.container;

import org.jspecify.annotations.NullMarked;
