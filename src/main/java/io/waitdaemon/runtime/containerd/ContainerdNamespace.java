package io.waitdaemon.runtime.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.ContainersGrpc;
import io.waitdaemon.runtime.containerd.api.ContentGrpc;
import io.waitdaemon.runtime.containerd.api.CreateContainerRequest;
import io.waitdaemon.runtime.containerd.api.CreateTaskRequest;
import io.waitdaemon.runtime.containerd.api.DeleteContainerRequest;
import io.waitdaemon.runtime.containerd.api.DeleteTaskRequest;
import io.waitdaemon.runtime.containerd.api.GetContainerRequest;
import io.waitdaemon.runtime.containerd.api.GetImageRequest;
import io.waitdaemon.runtime.containerd.api.GetRequest;
import io.waitdaemon.runtime.containerd.api.Image;
import io.waitdaemon.runtime.containerd.api.ImagesGrpc;
import io.waitdaemon.runtime.containerd.api.KillRequest;
import io.waitdaemon.runtime.containerd.api.ListContainersRequest;
import io.waitdaemon.runtime.containerd.api.ListImagesRequest;
import io.waitdaemon.runtime.containerd.api.ListTasksRequest;
import io.waitdaemon.runtime.containerd.api.Mount;
import io.waitdaemon.runtime.containerd.api.MountsRequest;
import io.waitdaemon.runtime.containerd.api.PrepareSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.Process;
import io.waitdaemon.runtime.containerd.api.ReadContentRequest;
import io.waitdaemon.runtime.containerd.api.ReadContentResponse;
import io.waitdaemon.runtime.containerd.api.RemoveSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.SnapshotsGrpc;
import io.waitdaemon.runtime.containerd.api.StartRequest;
import io.waitdaemon.runtime.containerd.api.StatSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.StatSnapshotResponse;
import io.waitdaemon.runtime.containerd.api.TasksGrpc;
import io.waitdaemon.runtime.containerd.api.TransferGrpc;
import io.waitdaemon.runtime.containerd.api.TransferRequest;
import io.waitdaemon.runtime.containerd.api.WaitRequest;
import io.waitdaemon.runtime.containerd.api.WaitResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** containerd's services as one of its namespaces sees them. What is asked for and is not there is empty; what is to be removed and is not there is no error. */
final class ContainerdNamespace {

    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    private static final int SIGKILL = 9;

    private final Channel channel;
    private final ContainerdCalls calls;
    private final String name;

    ContainerdNamespace(Channel channel, ContainerdCalls calls, String name) {
        Metadata headers = new Metadata();
        headers.put(HEADER, name);
        this.channel = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        this.calls = calls;
        this.name = name;
    }

    String name() {
        return name;
    }

    Optional<Container> container(String id) {
        return found(() -> calls.make(limit -> limit.on(ContainersGrpc.newBlockingStub(channel))
                        .get(GetContainerRequest.newBuilder().setId(id).build()))
                .getContainer());
    }

    /** @param filters all of which hold: {@code labels."key"==value}, {@code id~=^prefix} */
    List<Container> containers(String... filters) {
        ListContainersRequest request = ListContainersRequest.newBuilder()
                .addFilters(String.join(",", filters))
                .build();
        return calls.make(limit ->
                        limit.on(ContainersGrpc.newBlockingStub(channel)).list(request))
                .getContainersList();
    }

    void createContainer(Container container) {
        CreateContainerRequest request =
                CreateContainerRequest.newBuilder().setContainer(container).build();
        calls.make(limit -> limit.on(ContainersGrpc.newBlockingStub(channel)).create(request));
    }

    /** Sets these labels and leaves the others; an empty value takes a label away. */
    void label(String id, Map<String, String> labels) {
        FieldMask.Builder mask = FieldMask.newBuilder();
        labels.keySet().forEach(key -> mask.addPaths("labels." + key));
        calls.make(limit -> limit.on(ContainersGrpc.newBlockingStub(channel))
                .update(io.waitdaemon.runtime.containerd.api.UpdateContainerRequest.newBuilder()
                        .setContainer(Container.newBuilder().setId(id).putAllLabels(labels))
                        .setUpdateMask(mask)
                        .build()));
    }

    /** The record only: containerd lets go of it even while its task runs, which is then out of reach. */
    void deleteContainer(String id) {
        found(() -> calls.make(limit -> limit.on(ContainersGrpc.newBlockingStub(channel))
                .delete(DeleteContainerRequest.newBuilder().setId(id).build())));
    }

    Optional<Process> task(String id) {
        return found(() -> calls.make(limit -> limit.on(TasksGrpc.newBlockingStub(channel))
                        .get(GetRequest.newBuilder().setContainerId(id).build()))
                .getProcess());
    }

    List<Process> tasks() {
        return calls.make(limit ->
                        limit.on(TasksGrpc.newBlockingStub(channel)).list(ListTasksRequest.getDefaultInstance()))
                .getTasksList();
    }

    void createTask(CreateTaskRequest request) {
        calls.make(limit -> limit.on(TasksGrpc.newBlockingStub(channel)).create(request));
    }

    void startTask(String id) {
        calls.make(limit -> limit.on(TasksGrpc.newBlockingStub(channel))
                .start(StartRequest.newBuilder().setContainerId(id).build()));
    }

    void killTask(String id) {
        found(() -> calls.make(limit -> limit.on(TasksGrpc.newBlockingStub(channel))
                .kill(KillRequest.newBuilder()
                        .setContainerId(id)
                        .setSignal(SIGKILL)
                        .setAll(true)
                        .build())));
    }

    void deleteTask(String id) {
        found(() -> calls.make(limit -> limit.on(TasksGrpc.newBlockingStub(channel))
                .delete(DeleteTaskRequest.newBuilder().setContainerId(id).build())));
    }

    /**
     * Returns when the task has ended, at once when it had already.
     *
     * @throws EngineException of kind {@code UNAVAILABLE} when it has not within the limit
     */
    WaitResponse awaitExit(String id, Duration limit) {
        WaitRequest request = WaitRequest.newBuilder().setContainerId(id).build();
        return calls.make(
                limit, within -> within.on(TasksGrpc.newBlockingStub(channel)).wait(request));
    }

    /** Returns when the task has ended, however long that takes. */
    WaitResponse awaitExit(String id) {
        WaitRequest request = WaitRequest.newBuilder().setContainerId(id).build();
        return calls.makePatiently(
                limit -> limit.on(TasksGrpc.newBlockingStub(channel)).wait(request));
    }

    Optional<StatSnapshotResponse.Info> snapshot(String snapshotter, String key) {
        return found(() -> calls.make(limit -> limit.on(SnapshotsGrpc.newBlockingStub(channel))
                        .stat(StatSnapshotRequest.newBuilder()
                                .setSnapshotter(snapshotter)
                                .setKey(key)
                                .build()))
                .getInfo());
    }

    /**
     * Makes a snapshot to write to.
     *
     * @param parent chain ID of the image; an empty one would give a root file system without a single file
     */
    List<Mount> prepareSnapshot(String snapshotter, String key, String parent) {
        PrepareSnapshotRequest request = PrepareSnapshotRequest.newBuilder()
                .setSnapshotter(snapshotter)
                .setKey(key)
                .setParent(parent)
                .build();
        return calls.make(limit ->
                        limit.on(SnapshotsGrpc.newBlockingStub(channel)).prepare(request))
                .getMountsList();
    }

    /** How the snapshot is mounted; empty when there is none. */
    List<Mount> mounts(String snapshotter, String key) {
        MountsRequest request = MountsRequest.newBuilder()
                .setSnapshotter(snapshotter)
                .setKey(key)
                .build();
        return found(() -> calls.make(limit ->
                                limit.on(SnapshotsGrpc.newBlockingStub(channel)).mounts(request))
                        .getMountsList())
                .orElse(List.of());
    }

    /** Also when it is mounted: containerd does not mind, so the task has to be gone before. */
    void removeSnapshot(String snapshotter, String key) {
        found(() -> calls.make(limit -> limit.on(SnapshotsGrpc.newBlockingStub(channel))
                .remove(RemoveSnapshotRequest.newBuilder()
                        .setSnapshotter(snapshotter)
                        .setKey(key)
                        .build())));
    }

    Optional<Image> image(String reference) {
        return found(() -> calls.make(limit -> limit.on(ImagesGrpc.newBlockingStub(channel))
                        .get(GetImageRequest.newBuilder().setName(reference).build()))
                .getImage());
    }

    List<Image> images(String... filters) {
        ListImagesRequest request = ListImagesRequest.newBuilder()
                .addAllFilters(Arrays.asList(filters))
                .build();
        return calls.make(limit -> limit.on(ImagesGrpc.newBlockingStub(channel)).list(request))
                .getImagesList();
    }

    /** A small blob as a whole; empty when it is not in the content store. */
    Optional<ByteString> content(String digest) {
        return found(() -> calls.make(limit -> {
            ByteString whole = ByteString.EMPTY;
            Iterator<ReadContentResponse> parts =
                    limit.on(ContentGrpc.newBlockingStub(channel)).read(readRequest(digest));
            while (parts.hasNext()) {
                whole = whole.concat(parts.next().getData());
            }
            return whole;
        }));
    }

    /** A blob of any size, to be read to its end: what is not read is kept waiting by containerd. */
    ContentStream stream(String digest) {
        return new ContentStream(
                calls.makePatiently(
                        limit -> limit.on(ContentGrpc.newBlockingStub(channel)).read(readRequest(digest))),
                calls);
    }

    /** Tells of what happens from now on; for the caller to close. */
    EventStream events(String... filters) {
        return new EventStream(channel, calls, filters);
    }

    /** A stream that containerd asks something, or tells something, in the course of a transfer; for the caller to close. */
    TransferStream transferStream() {
        return new TransferStream(channel, calls);
    }

    void transfer(TransferRequest request, Duration longest) {
        calls.make(longest, limit -> limit.on(TransferGrpc.newBlockingStub(channel))
                .transfer(request));
    }

    private static ReadContentRequest readRequest(String digest) {
        return ReadContentRequest.newBuilder().setDigest(digest).build();
    }

    private static <T> Optional<T> found(Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (EngineException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
