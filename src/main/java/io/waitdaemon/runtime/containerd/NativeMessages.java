package io.waitdaemon.runtime.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.waitdaemon.runtime.containerd.api.AuthRequest;
import io.waitdaemon.runtime.containerd.api.AuthResponse;
import io.waitdaemon.runtime.containerd.api.Container;
import io.waitdaemon.runtime.containerd.api.CreateContainerRequest;
import io.waitdaemon.runtime.containerd.api.CreateContainerResponse;
import io.waitdaemon.runtime.containerd.api.CreateTaskRequest;
import io.waitdaemon.runtime.containerd.api.CreateTaskResponse;
import io.waitdaemon.runtime.containerd.api.DeleteContainerRequest;
import io.waitdaemon.runtime.containerd.api.DeleteResponse;
import io.waitdaemon.runtime.containerd.api.DeleteTaskRequest;
import io.waitdaemon.runtime.containerd.api.Descriptor;
import io.waitdaemon.runtime.containerd.api.Envelope;
import io.waitdaemon.runtime.containerd.api.GetContainerRequest;
import io.waitdaemon.runtime.containerd.api.GetContainerResponse;
import io.waitdaemon.runtime.containerd.api.GetImageRequest;
import io.waitdaemon.runtime.containerd.api.GetImageResponse;
import io.waitdaemon.runtime.containerd.api.GetRequest;
import io.waitdaemon.runtime.containerd.api.GetResponse;
import io.waitdaemon.runtime.containerd.api.Image;
import io.waitdaemon.runtime.containerd.api.KillRequest;
import io.waitdaemon.runtime.containerd.api.ListContainersRequest;
import io.waitdaemon.runtime.containerd.api.ListContainersResponse;
import io.waitdaemon.runtime.containerd.api.ListImagesRequest;
import io.waitdaemon.runtime.containerd.api.ListImagesResponse;
import io.waitdaemon.runtime.containerd.api.ListNamespacesRequest;
import io.waitdaemon.runtime.containerd.api.ListNamespacesResponse;
import io.waitdaemon.runtime.containerd.api.ListTasksRequest;
import io.waitdaemon.runtime.containerd.api.ListTasksResponse;
import io.waitdaemon.runtime.containerd.api.Mount;
import io.waitdaemon.runtime.containerd.api.MountsRequest;
import io.waitdaemon.runtime.containerd.api.MountsResponse;
import io.waitdaemon.runtime.containerd.api.Namespace;
import io.waitdaemon.runtime.containerd.api.OCIRegistry;
import io.waitdaemon.runtime.containerd.api.PrepareSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.PrepareSnapshotResponse;
import io.waitdaemon.runtime.containerd.api.Progress;
import io.waitdaemon.runtime.containerd.api.ReadContentRequest;
import io.waitdaemon.runtime.containerd.api.ReadContentResponse;
import io.waitdaemon.runtime.containerd.api.RegistryResolver;
import io.waitdaemon.runtime.containerd.api.RemoveSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.ServerResponse;
import io.waitdaemon.runtime.containerd.api.StartRequest;
import io.waitdaemon.runtime.containerd.api.StartResponse;
import io.waitdaemon.runtime.containerd.api.StatSnapshotRequest;
import io.waitdaemon.runtime.containerd.api.StatSnapshotResponse;
import io.waitdaemon.runtime.containerd.api.StreamInit;
import io.waitdaemon.runtime.containerd.api.SubscribeRequest;
import io.waitdaemon.runtime.containerd.api.TransferOptions;
import io.waitdaemon.runtime.containerd.api.TransferRequest;
import io.waitdaemon.runtime.containerd.api.UnpackConfiguration;
import io.waitdaemon.runtime.containerd.api.UpdateContainerRequest;
import io.waitdaemon.runtime.containerd.api.UpdateContainerResponse;
import io.waitdaemon.runtime.containerd.api.WaitRequest;
import io.waitdaemon.runtime.containerd.api.WaitResponse;

/**
 * In the native executable: the small protobuf runtime finds the fields of its messages by reflection, and gRPC loads its
 * own parts as services, of which one that is missing is an error.
 */
@RegisterForReflection(
        targets = {
            Any.class,
            Empty.class,
            FieldMask.class,
            Timestamp.class,
            AuthRequest.class,
            AuthResponse.class,
            Container.class,
            Container.Runtime.class,
            CreateContainerRequest.class,
            CreateContainerResponse.class,
            CreateTaskRequest.class,
            CreateTaskResponse.class,
            DeleteContainerRequest.class,
            DeleteResponse.class,
            DeleteTaskRequest.class,
            Descriptor.class,
            Envelope.class,
            GetContainerRequest.class,
            GetContainerResponse.class,
            GetImageRequest.class,
            GetImageResponse.class,
            GetRequest.class,
            GetResponse.class,
            Image.class,
            io.waitdaemon.runtime.containerd.api.ImageStore.class,
            KillRequest.class,
            ListContainersRequest.class,
            ListContainersResponse.class,
            ListImagesRequest.class,
            ListImagesResponse.class,
            ListNamespacesRequest.class,
            ListNamespacesResponse.class,
            ListTasksRequest.class,
            ListTasksResponse.class,
            Mount.class,
            MountsRequest.class,
            MountsResponse.class,
            Namespace.class,
            OCIRegistry.class,
            io.waitdaemon.runtime.containerd.api.Platform.class,
            PrepareSnapshotRequest.class,
            PrepareSnapshotResponse.class,
            io.waitdaemon.runtime.containerd.api.Process.class,
            Progress.class,
            ReadContentRequest.class,
            ReadContentResponse.class,
            RegistryResolver.class,
            RemoveSnapshotRequest.class,
            ServerResponse.class,
            StartRequest.class,
            StartResponse.class,
            StatSnapshotRequest.class,
            StatSnapshotResponse.class,
            StatSnapshotResponse.Info.class,
            StreamInit.class,
            SubscribeRequest.class,
            TransferOptions.class,
            TransferRequest.class,
            UnpackConfiguration.class,
            UpdateContainerRequest.class,
            UpdateContainerResponse.class,
            WaitRequest.class,
            WaitResponse.class,
        },
        classNames = {
            "io.grpc.internal.PickFirstLoadBalancerProvider",
            "io.grpc.internal.DnsNameResolverProvider",
            "io.grpc.util.SecretRoundRobinLoadBalancerProvider$Provider",
            "io.grpc.util.OutlierDetectionLoadBalancerProvider",
            "io.grpc.util.RandomSubsettingLoadBalancerProvider"
        })
final class NativeMessages {

    private NativeMessages() {}
}
