package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"regexp"
	"syscall"
	"time"

	runc "github.com/containerd/containerd/api/types/runc/options"
	containerd "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/pkg/cio"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	gocni "github.com/containerd/go-cni"
	"github.com/distribution/reference"
	"google.golang.org/protobuf/encoding/protojson"
)

const tidyLimit = 10 * time.Second

var notInNames = regexp.MustCompile(`[^a-zA-Z0-9_.-]`)

// run makes the container, runs it to its end and tidies up after it. The exit code is the action's.
//
// The deferred steps run in this order: CNI, task, log (all three always), then after a success the log folder and the
// container with its snapshot, then the DNS files. That is tink-agent's order, and the one that waitdaemon has to live with.
func (a *action) run(ctx context.Context) (code uint32, err error) {
	client, err := containerd.New(a.address)
	if err != nil {
		return 0, fmt.Errorf("cannot reach containerd at %q: %w", a.address, err)
	}
	defer client.Close()
	image, err := a.findImage(ctx, client)
	if err != nil {
		return 0, err
	}
	dns, err := newDNSFiles(a.hostNetwork())
	if err != nil {
		return 0, err
	}
	defer dns.remove()

	id, err := randomHex(32)
	if err != nil {
		return 0, err
	}
	hostname := id[:12]
	if a.hostNetwork() {
		if hostname, err = os.Hostname(); err != nil {
			return 0, err
		}
	}
	log, err := newContainerLog(a.dataRoot, a.address, a.namespace, id)
	if err != nil {
		return 0, err
	}
	container, err := a.create(ctx, client, image, id, hostname, dns, log)
	if err != nil {
		return 0, fmt.Errorf("cannot create the container: %w", err)
	}
	succeeded := false
	defer func() {
		if !succeeded || a.keep {
			tell("kept", map[string]any{"id": id})
			return
		}
		tidy, cancel := a.tidyContext()
		defer cancel()
		if err := container.Delete(tidy, containerd.WithSnapshotCleanup); err != nil {
			warn("cannot delete container %s: %v", id, err)
			return
		}
		tell("removed", map[string]any{"id": id})
	}()
	if err := dns.name(hostname, a.hostNetwork()); err != nil {
		return 0, err
	}
	tell("created", map[string]any{"id": id, "name": a.displayName(), "dns": dns.folder, "logs": log.folder})

	if err := log.open(); err != nil {
		return 0, err
	}
	defer func() {
		if succeeded && !a.keep {
			log.remove()
		}
	}()
	task, err := container.NewTask(ctx, outputs(log))
	if err != nil {
		log.close()
		return 0, fmt.Errorf("cannot create the task: %w", err)
	}
	defer func() {
		tidy, cancel := a.tidyContext()
		defer cancel()
		if _, err := task.Delete(tidy); err != nil {
			warn("cannot delete the task of %s: %v", id, err)
		}
		log.close()
	}()
	if !a.hostNetwork() && a.cni {
		remove := a.connect(ctx, id, task.Pid())
		defer remove()
	}

	// not with ctx: tink-agent does so, and when it is told to end, it may delete the task before that is dead
	status, err := task.Wait(context.WithoutCancel(ctx))
	if err != nil {
		return 0, fmt.Errorf("cannot wait for the task: %w", err)
	}
	if err := task.Start(ctx); err != nil {
		return 0, fmt.Errorf("cannot start the task: %w", err)
	}
	tell("started", map[string]any{"id": id, "pid": task.Pid()})

	var end containerd.ExitStatus
	select {
	case end = <-status:
	case <-ctx.Done():
		tidy, cancel := a.tidyContext()
		defer cancel()
		if err := task.Kill(tidy, syscall.SIGKILL); err != nil {
			warn("cannot kill the task of %s: %v", id, err)
		}
		select {
		case <-status:
		case <-tidy.Done():
		}
		return 0, fmt.Errorf("told to end before the action did: %w", ctx.Err())
	}
	if err := end.Error(); err != nil {
		return 0, fmt.Errorf("lost the task: %w", err)
	}
	tell("ended", map[string]any{
		"id":    id,
		"exit":  end.ExitCode(),
		"ended": end.ExitTime().UTC().Format(time.RFC3339Nano),
	})
	time.Sleep(a.slow)
	succeeded = end.ExitCode() == 0
	return end.ExitCode(), nil
}

// displayName keeps to tink-agent's rule: always that prefix, so that the first character is a permitted one.
func (a *action) displayName() string {
	return "tinkerbell_" + notInNames.ReplaceAllString(a.name, "_") + "_" + notInNames.ReplaceAllString(a.id, "_")
}

func (a *action) findImage(ctx context.Context, client *containerd.Client) (containerd.Image, error) {
	name, err := reference.ParseDockerRef(a.image)
	if err != nil {
		return nil, fmt.Errorf("%q is no image name: %w", a.image, err)
	}
	image, err := client.GetImage(ctx, name.String())
	if err != nil {
		return nil, fmt.Errorf("no image %q, import it first: %w", name, err)
	}
	return image, nil
}

func (a *action) create(
	ctx context.Context, client *containerd.Client, image containerd.Image,
	id, hostname string, dns *dnsFiles, log *containerLog,
) (containerd.Container, error) {
	spec, err := a.specOpts(image, hostname, dns)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{
		"nerdctl/namespace":  a.namespace,
		"nerdctl/name":       a.displayName(),
		"nerdctl/extraHosts": "[]",
		"nerdctl/hostname":   hostname,
		"nerdctl/log-uri":    "json-file://" + log.file,
		"nerdctl/state-dir":  log.folder,
	}
	if err := assign(labels, a.labels); err != nil {
		return nil, err
	}
	// the order matters: a snapshot is made with the snapshotter that is known by then
	var opts []containerd.NewContainerOpts
	if a.snapshotter != "" {
		opts = append(opts, containerd.WithSnapshotter(a.snapshotter))
	}
	opts = append(opts,
		containerd.WithNewSnapshot(a.displayName()+"-"+id[:8], image),
		containerd.WithNewSpec(spec...),
		containerd.WithContainerLabels(labels))
	if a.runtime != "" || a.runtimeOptions != "" {
		options := &runc.Options{}
		if a.runtimeOptions != "" {
			if err := protojson.Unmarshal([]byte(a.runtimeOptions), options); err != nil {
				return nil, fmt.Errorf("--runtime-options: %w", err)
			}
		}
		name := a.runtime
		if name == "" {
			name = client.Runtime()
		}
		opts = append(opts, containerd.WithRuntime(name, options))
	}
	return client.NewContainer(ctx, id, opts...)
}

// connect gives the container its network. A failure leaves it without one, which tink-agent reports and accepts.
func (a *action) connect(ctx context.Context, id string, pid uint32) (remove func()) {
	cni, err := gocni.New(
		gocni.WithPluginDir([]string{"/opt/cni/bin"}),
		gocni.WithPluginConfDir("/etc/cni/net.d"),
		gocni.WithDefaultConf)
	if err != nil {
		warn("no CNI, so no network: %v", err)
		return func() {}
	}
	netns := fmt.Sprintf("/proc/%d/ns/net", pid)
	if _, err := cni.Setup(ctx, id, netns); err != nil {
		warn("CNI failed, so no network: %v", err)
	}
	return func() {
		tidy, cancel := a.tidyContext()
		defer cancel()
		if err := cni.Remove(tidy, id, netns); err != nil {
			warn("cannot take %s off its network: %v", id, err)
		}
	}
}

// tidyContext outlives the action's own, which may have ended.
func (a *action) tidyContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(namespaces.WithNamespace(context.Background(), a.namespace), tidyLimit)
}

// outputs sends both streams to the log that nerdctl reads and to standard error.
func outputs(log *containerLog) cio.Creator {
	return cio.NewCreator(cio.WithStreams(
		nil,
		io.MultiWriter(os.Stderr, log.stream("stdout")),
		io.MultiWriter(os.Stderr, log.stream("stderr"))))
}

func randomHex(bytes int) (string, error) {
	random := make([]byte, bytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	return hex.EncodeToString(random), nil
}
