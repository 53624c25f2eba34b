// Agent runs one action in containerd as tink-agent's containerd runtime does (tinkerbell,
// tink/agent/internal/runtime/containerd): the same container, the same order of calls, the same tidying up. What it does
// is told on standard output, one JSON object a line; what the action writes goes to standard error. The exit status is
// the action's, or 125 when the agent itself failed.
//
//	agent --image target --pid host --network host -- echo hello
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/containerd/v2/pkg/namespaces"
)

const agentFailed = 125

func main() {
	a, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fail(err)
	}
	// tink-agent's context ends with its action's time limit or with itself; the action is killed then
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	code, err := a.run(namespaces.WithNamespace(ctx, a.namespace))
	if err != nil {
		fail(err)
	}
	os.Exit(int(code))
}

// action is what a person wrote in a template, and below that where a test wants it otherwise than tink-agent has it.
type action struct {
	address   string
	namespace string
	dataRoot  string

	id      string
	name    string
	image   string
	cmd     string
	args    []string
	env     list
	volumes list
	pid     string
	network string

	unprivileged   bool
	cni            bool
	keep           bool
	slow           time.Duration
	cgroupns       string
	specPatch      string
	labels         list
	runtime        string
	runtimeOptions string
	snapshotter    string
}

func parse(args []string) (*action, error) {
	a := &action{}
	f := flag.NewFlagSet("agent", flag.ContinueOnError)
	f.StringVar(&a.address, "address", "/run/containerd/containerd.sock", "socket of containerd")
	f.StringVar(&a.namespace, "namespace", "tinkerbell", "namespace in containerd")
	f.StringVar(&a.dataRoot, "data-root", "/var/lib/nerdctl", "where nerdctl looks for logs")
	f.StringVar(&a.id, "id", "", "id of the action (default: a random one)")
	f.StringVar(&a.name, "name", "action", "name of the action")
	f.StringVar(&a.image, "image", "", "image, which must be there already")
	f.StringVar(&a.cmd, "cmd", "", "the template's cmd: replaces the entrypoint of the image. Its args follow --")
	f.Var(&a.env, "env", "KEY=value (repeatable)")
	f.Var(&a.volumes, "volume", "source:destination[:options] (repeatable)")
	f.StringVar(&a.pid, "pid", "", "pid namespace: host, or nothing")
	f.StringVar(&a.network, "network", "", "network: host, or nothing for CNI")
	noCNI := f.Bool("no-cni", false, "leave the own network namespace as it is made")
	f.BoolVar(&a.unprivileged, "unprivileged", false, "containerd's default capabilities, paths and devices")
	f.BoolVar(&a.keep, "keep", false, "keep the container after a success too")
	f.DurationVar(&a.slow, "slow", 0, "how long to wait between the end of the action and tidying up")
	f.StringVar(&a.cgroupns, "cgroupns", "", "cgroup namespace: private, or nothing for the host's")
	f.StringVar(&a.specPatch, "spec-patch", "", "file with a JSON merge patch (RFC 7396) for the OCI spec")
	f.Var(&a.labels, "label", "key=value of the container (repeatable)")
	f.StringVar(&a.runtime, "runtime", "", "name of the runtime (default: the client's)")
	f.StringVar(&a.runtimeOptions, "runtime-options", "", `runc's options as JSON, such as {"no_pivot_root":true}`)
	f.StringVar(&a.snapshotter, "snapshotter", "", "snapshotter (default: the client's)")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	a.args = f.Args()
	a.cni = !*noCNI
	if a.image == "" {
		return nil, errors.New("--image is missing")
	}
	if a.id == "" {
		random, err := randomHex(8)
		if err != nil {
			return nil, err
		}
		a.id = random
	}
	return a, nil
}

// hostNetwork tells the one value that tink-agent knows; whatever else stands there means a network of one's own.
func (a *action) hostNetwork() bool { return a.network == "host" }

type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// tell writes one event. The moment in "time" is that of writing; the action's own end has its time from containerd.
func tell(event string, details map[string]any) {
	line := map[string]any{"event": event, "time": time.Now().UTC().Format(time.RFC3339Nano)}
	for key, value := range details {
		line[key] = value
	}
	// a failure means that nobody reads any more, which must not keep the agent from tidying up
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func warn(format string, values ...any) { fmt.Fprintf(os.Stderr, "agent: "+format+"\n", values...) }

func fail(err error) {
	warn("%v", err)
	os.Exit(agentFailed)
}
