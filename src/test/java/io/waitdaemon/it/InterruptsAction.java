package io.waitdaemon.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Does something to an action in the midst of its handoff. The native image is through with one before a test can get at
 * it, so such a test is the jvm image's.
 */
@Tag("jvm-image")
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface InterruptsAction {}
