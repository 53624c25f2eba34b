package io.waitdaemon.engine;

/** Which kind of machine a guest stands for. */
public enum GuestFlavour {
    /** Any Linux with Docker: dockerd is an ordinary service, and busybox the first process. */
    DOCKER("docker"),

    /** dockerd in a mount namespace of its own, whose {@code /var/run} is the host's {@code /var/run/docker}. */
    HOOKOS("hookos"),

    /** containerd, CNI and nerdctl 2.2 at CaptainOS' paths, no Docker; systemd is the first process. */
    CAPTAINOS("captainos");

    private final String word;

    GuestFlavour(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    /** Makes an image known that is the contents of a disk. */
    String importing(String disk) {
        return switch (this) {
            case DOCKER, HOOKOS -> "/guest/docker load --quiet --input " + disk;
            case CAPTAINOS -> "ctr --namespace tinkerbell images import " + disk;
        };
    }
}
