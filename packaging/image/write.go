package image

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"portico/packaging/archive"
)

// Layout writes the images, one for each platform, as one OCI image layout in a tar archive. Podman and containerd
// import it as portico:TAG.
func Layout(images []v1.Image, tag string, modified time.Time) ([]byte, error) {
	index := v1.ImageIndex(empty.Index)
	for _, made := range images {
		file, err := made.ConfigFile()
		if err != nil {
			return nil, fmt.Errorf("reading an image's configuration: %w", err)
		}
		platform := &v1.Platform{OS: file.OS, Architecture: file.Architecture}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: made, Descriptor: v1.Descriptor{Platform: platform}})
	}
	folder, err := os.MkdirTemp("", "portico-layout")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	written, err := layout.Write(folder, empty.Index)
	if err != nil {
		return nil, fmt.Errorf("writing the layout: %w", err)
	}
	named := layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": tag,
		"io.containerd.image.name":          reference(tag), // without it, Podman takes the tag for the name
	})
	if err := written.AppendIndex(index, named); err != nil {
		return nil, fmt.Errorf("writing the layout: %w", err)
	}
	return pack(os.DirFS(folder), modified)
}

func pack(folder fs.FS, modified time.Time) ([]byte, error) {
	var entries []archive.Entry
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		entries = append(entries, archive.Entry{Name: name, Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	err = archive.Tar(&packed, entries, modified)
	return packed.Bytes(), err
}

// Tarball returns an image in the form that docker load reads, as portico:TAG.
func Tarball(made v1.Image, tag string) ([]byte, error) {
	ref, err := name.NewTag(reference(tag))
	if err != nil {
		return nil, fmt.Errorf("naming the image: %w", err)
	}
	var packed bytes.Buffer
	err = tarball.Write(ref, made, &packed)
	return packed.Bytes(), err
}

// reference is the name by which the image is run after it was loaded.
func reference(tag string) string { return "portico:" + tag }

// Root returns the files of an image in one tar archive, for the Dockerfile.
func Root(made v1.Image) ([]byte, error) {
	files := mutate.Extract(made)
	defer files.Close()
	return io.ReadAll(files)
}
