package io.waitdaemon.it;

/** Does a handoff on a Docker Engine do all that {@link RuntimeContract} says? */
final class DockerContractIT extends RuntimeContract {

    DockerContractIT() {
        super(DockerActions.onAnEngineOfItsOwn());
    }
}
