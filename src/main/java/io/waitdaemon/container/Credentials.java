package io.waitdaemon.container;

/**
 * User name and password for a registry.
 *
 * @param username may be empty where the password is a token
 * @param password never shown by {@link #toString()}
 */
public record Credentials(String username, String password) {

    @Override
    public String toString() {
        return "Credentials[username=" + username + ", password=***]";
    }
}
