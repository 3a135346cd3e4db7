// Package image makes Portico's container image, from nothing but the program: no base image and no registry.
package image

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"

	"portico/packaging/archive"
	"portico/packaging/binary"
)

// User is the user and the group that the program runs as: the number that distroless images gave to nonroot.
const User = "65532:65532"

// Config is how a container runs the program. Portico listens on all addresses of the container. It refuses to start
// unless its settings say who may call it, or that it serves the emulator's invented data (PORTICO_CLOUD=emulator).
func Config(b binary.Build) v1.Config {
	return v1.Config{
		Entrypoint:   []string{"/portico"},
		User:         User,
		WorkingDir:   "/",
		StopSignal:   "SIGTERM",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Env:          []string{"PORTICO_LISTEN=:8080", "PORTICO_LOG_FORMAT=json"},
		// Only Docker has health checks; Kubernetes uses the chart's probes.
		Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "/portico", "healthcheck"}},
		Labels:      labels(b),
	}
}

// labels are the OCI image specification's annotations of a build.
func labels(b binary.Build) map[string]string {
	const prefix = "org.opencontainers.image."
	return map[string]string{
		prefix + "title":       "Portico",
		prefix + "description": "GraphQL over Microsoft Graph's threat-intelligence API",
		prefix + "version":     b.Number(),
		prefix + "revision":    b.Commit,
		prefix + "created":     b.Time.UTC().Format("2006-01-02T15:04:05Z"),
		prefix + "licenses":    "MIT",
	}
}

// New makes the image of a build for Linux. One layer has what every version shares, the other one has the program and
// the notices of the software in it. Equal builds give equal images.
func New(b binary.Build, notices []byte) (v1.Image, error) {
	program, err := os.ReadFile(b.File)
	if err != nil {
		return nil, err
	}
	system, err := system()
	if err != nil {
		return nil, err
	}
	var layers []v1.Layer
	for _, entries := range [][]archive.Entry{system, {
		{Name: "portico", Data: program, Program: true},
		{Name: "usr/share/doc/portico/NOTICES", Data: notices},
	}} {
		layer, err := layerOf(entries, b)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	made, err := mutate.AppendLayers(base, layers...)
	if err != nil {
		return nil, fmt.Errorf("adding layers: %w", err)
	}
	file, err := made.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the image's configuration: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = b.OS, b.Arch, Config(b)
	file.Created = v1.Time{Time: b.Time}
	for i := range file.History {
		file.History[i].Created = v1.Time{Time: b.Time}
	}
	return mutate.ConfigFile(made, file)
}

func layerOf(entries []archive.Entry, b binary.Build) (v1.Layer, error) {
	var packed bytes.Buffer
	if err := archive.Tar(&packed, entries, b.Time); err != nil {
		return nil, fmt.Errorf("packing a layer: %w", err)
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

// system returns the files that a program expects of a system: the names of users, time zones, and certificates.
func system() ([]archive.Entry, error) {
	zones, err := zones()
	if err != nil {
		return nil, fmt.Errorf("reading Go's time zones: %w", err)
	}
	users := "root:x:0:0:root:/:/sbin/nologin\nportico:x:65532:65532:Portico:/:/sbin/nologin\n"
	return append(zones,
		archive.Entry{Name: "etc/passwd", Data: []byte(users)},
		archive.Entry{Name: "etc/group", Data: []byte("root:x:0:\nportico:x:65532:\n")},
		archive.Entry{Name: "etc/ssl/certs/ca-certificates.crt", Data: roots()},
	), nil
}

// roots are the certificate authorities that Mozilla trusts. Those that it trusts only for certificates issued before
// some date are left out: a file of certificates cannot express the date.
func roots() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes everything
		}
	}
	return text.Bytes()
}
