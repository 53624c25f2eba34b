package io.waitdaemon.settings;

/** How log lines are written ({@code WAITDAEMON_LOG_FORMAT}). */
public enum LogFormat {
    /** One JSON object a line. */
    JSON,
    /** For people. */
    TEXT
}
