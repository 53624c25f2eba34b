package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	containerd "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// specOpts are tink-agent's, in its order, since later ones win; then the test's own.
func (a *action) specOpts(image containerd.Image, hostname string, dns *dnsFiles) ([]oci.SpecOpts, error) {
	opts := []oci.SpecOpts{oci.WithImageConfig(image)}
	if !a.unprivileged {
		opts = append(opts, oci.WithPrivileged, oci.WithAllDevicesAllowed, oci.WithHostDevices)
	}
	opts = append(opts, oci.WithEnv(a.env))
	switch {
	case a.cmd != "" && len(a.args) > 0:
		opts = append(opts, oci.WithProcessArgs(append([]string{a.cmd}, a.args...)...))
	case a.cmd != "":
		// unlike `docker run --entrypoint`, this keeps the command of the image
		opts = append(opts, withEntrypoint(image, a.cmd))
	case len(a.args) > 0:
		opts = append(opts, oci.WithImageConfigArgs(image, a.args))
	}
	for _, volume := range a.volumes {
		mount, err := parseVolume(volume)
		if err != nil {
			return nil, err
		}
		opts = append(opts, oci.WithMounts([]specs.Mount{mount}))
	}
	if a.pid == "host" {
		opts = append(opts, oci.WithHostNamespace(specs.PIDNamespace))
	}
	if a.hostNetwork() {
		opts = append(opts, oci.WithHostNamespace(specs.NetworkNamespace))
	}
	opts = append(opts, oci.WithMounts(dns.mounts()), oci.WithHostname(hostname))
	if a.cgroupns == "private" {
		opts = append(opts, oci.WithLinuxNamespace(specs.LinuxNamespace{Type: specs.CgroupNamespace}))
	}
	if a.specPatch != "" {
		patch, err := os.ReadFile(a.specPatch)
		if err != nil {
			return nil, err
		}
		opts = append(opts, withPatch(patch))
	}
	return opts, nil
}

func withEntrypoint(image containerd.Image, entrypoint string) oci.SpecOpts {
	return func(ctx context.Context, _ oci.Client, _ *containers.Container, spec *oci.Spec) error {
		config, err := image.Spec(ctx)
		if err != nil {
			return err
		}
		spec.Process.Args = append([]string{entrypoint}, config.Config.Cmd...)
		return nil
	}
}

// parseVolume refuses what tink-agent skips with a line in its log: a test that writes such a volume is wrong.
func parseVolume(volume string) (specs.Mount, error) {
	parts := strings.SplitN(volume, ":", 3)
	if len(parts) < 2 || !filepath.IsAbs(parts[1]) || !(filepath.IsAbs(parts[0]) || strings.HasPrefix(parts[0], ".")) {
		return specs.Mount{}, fmt.Errorf("--volume %q is not of the form path:/path[:options]", volume)
	}
	source, err := filepath.Abs(parts[0])
	if err != nil {
		return specs.Mount{}, err
	}
	if _, err := os.Stat(source); os.IsNotExist(err) {
		if err := os.MkdirAll(source, 0o755); err != nil {
			return specs.Mount{}, err
		}
	}
	options, mode := []string{"rbind"}, "rw"
	if len(parts) == 3 {
		for option := range strings.SplitSeq(parts[2], ",") {
			switch option = strings.TrimSpace(option); option {
			case "ro", "rw":
				mode = option
			case "":
			default:
				options = append(options, option)
			}
		}
	}
	return specs.Mount{Type: "bind", Source: source, Destination: parts[1], Options: append(options, mode)}, nil
}

func withPatch(patch []byte) oci.SpecOpts {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, spec *oci.Spec) error {
		var change, whole any
		if err := json.Unmarshal(patch, &change); err != nil {
			return fmt.Errorf("--spec-patch: %w", err)
		}
		before, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(before, &whole); err != nil {
			return err
		}
		after, err := json.Marshal(merge(whole, change))
		if err != nil {
			return err
		}
		var patched oci.Spec
		if err := json.Unmarshal(after, &patched); err != nil {
			return fmt.Errorf("--spec-patch makes no OCI spec: %w", err)
		}
		*spec = patched
		return nil
	}
}

// merge follows RFC 7396: objects are merged, null removes, everything else replaces.
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged, ok := target.(map[string]any)
	if !ok {
		merged = map[string]any{}
	}
	for key, value := range changes {
		if value == nil {
			delete(merged, key)
		} else {
			merged[key] = merge(merged[key], value)
		}
	}
	return merged
}

func assign(labels map[string]string, settings []string) error {
	for _, setting := range settings {
		key, value, found := strings.Cut(setting, "=")
		if !found {
			return fmt.Errorf("--label %q is not of the form key=value", setting)
		}
		labels[key] = value
	}
	return nil
}
