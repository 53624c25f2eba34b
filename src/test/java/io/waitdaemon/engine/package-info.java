/**
 * A real Docker Engine, a real registry and images made on the spot, for tests that would rather ask the engine than
 * guess what it does. Everything here is private to one test run: whatever engine the machine has is left alone.
 */
@NullMarked
package io.waitdaemon.engine;

import org.jspecify.annotations.NullMarked;
