package io.waitdaemon.container;

/** When the target's image is fetched from its registry ({@code WAITDAEMON_PULL_POLICY}). */
public enum PullPolicy {
    /** Only when the engine does not have it. */
    MISSING,
    /** In every handoff; a failing pull fails the handoff even when the engine has the image. */
    ALWAYS,
    /** Not at all; an image that the engine does not have fails the handoff. */
    NEVER
}
