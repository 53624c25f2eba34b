package io.waitdaemon.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Is asked of the jvm image beside the native one, where only one of the two is asked most things: what makes an image, and
 * what a JVM and a native executable do in ways of their own.
 */
@Tag("both-images")
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface OnBothImages {}
