package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"portico/packaging/archive"
	"portico/packaging/binary"
	"portico/packaging/image"
	"portico/packaging/linux"
	"portico/packaging/sbom"
)

// releaser writes the files of one release.
type releaser struct {
	source
	out    string
	builds []binary.Build
}

// release builds the last commit of a clone for the targets, and writes everything into an empty folder. Equal commits
// give equal files.
func release(ctx context.Context, from, to string, targets []binary.Target) error {
	work, err := os.MkdirTemp("", "portico-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	cloned, err := clone(ctx, from, filepath.Join(work, "source"))
	if err != nil {
		return err
	}
	if err := emptied(to); err != nil {
		return err
	}
	r := &releaser{source: cloned, out: to}
	for _, target := range targets {
		file := filepath.Join(work, target.OS+"_"+target.Arch, target.Program())
		build, err := binary.Compile(ctx, r.folder, target, file)
		if err != nil {
			return err
		}
		r.builds = append(r.builds, build)
	}
	for _, step := range []func() error{r.archives, r.sboms, r.packages, r.images, r.chart, r.checksums} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// emptied makes a folder empty. It deletes only what an earlier release wrote, which has checksums.
func emptied(folder string) error {
	held, err := os.ReadDir(folder)
	if err == nil && len(held) > 0 {
		if _, err := os.Stat(filepath.Join(folder, sums)); err != nil {
			return fmt.Errorf("%s is not empty and holds no release: choose another folder, or empty it", folder)
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return os.MkdirAll(folder, 0o755)
}

// write writes a file of the release.
func (r *releaser) write(name string, data []byte) error {
	return os.WriteFile(filepath.Join(r.out, name), data, 0o644)
}

// archives writes, for each build, the program with the texts that come with it.
func (r *releaser) archives() error {
	for _, build := range r.builds {
		entries, err := r.texts()
		if err != nil {
			return err
		}
		program, err := os.ReadFile(build.File)
		if err != nil {
			return err
		}
		entries = append(entries, archive.Entry{Name: build.Program(), Data: program, Program: true})
		for i := range entries {
			entries[i].Name = build.Name() + "/" + entries[i].Name
		}
		pack, suffix := archive.TarGz, ".tar.gz"
		if build.OS == "windows" {
			pack, suffix = archive.Zip, ".zip"
		}
		var packed bytes.Buffer
		if err := pack(&packed, entries, build.Time); err != nil {
			return fmt.Errorf("packing %s: %w", build.Name(), err)
		}
		if err := r.write(build.Name()+suffix, packed.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// texts returns what comes with every program: licenses, documentation, the schema, and what the documentation offers
// for monitoring.
func (r *releaser) texts() ([]archive.Entry, error) {
	entries := []archive.Entry{{Name: "NOTICES", Data: r.notices}}
	docs, err := fs.Glob(os.DirFS(r.folder), "docs/*.md")
	if err != nil {
		return nil, err
	}
	for _, name := range append(docs, "LICENSE", "README.md", "CHANGELOG.md", "schema.graphqls",
		"packaging/grafana/portico.json", "packaging/prometheus/alerts.yml") {
		data, err := os.ReadFile(filepath.Join(r.folder, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		entries = append(entries, archive.Entry{Name: name, Data: data})
	}
	return entries, nil
}

// sboms writes the bill of materials of each build.
func (r *releaser) sboms() error {
	for _, build := range r.builds {
		text, err := sbom.Of(build.File, r.page)
		if err != nil {
			return err
		}
		if err := r.write(build.Name()+".cdx.json", text); err != nil {
			return err
		}
	}
	return nil
}

// packages writes the .deb and .rpm packages.
func (r *releaser) packages() error {
	notices := filepath.Join(r.folder, "NOTICES")
	if err := os.WriteFile(notices, r.notices, 0o644); err != nil {
		return err
	}
	for _, build := range r.linux() {
		for _, format := range linux.Formats {
			name, packed, err := linux.Package(build, r.folder, notices, format)
			if err != nil {
				return err
			}
			if err := r.write(name, packed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *releaser) linux() (builds []binary.Build) {
	for _, build := range r.builds {
		if build.OS == "linux" {
			builds = append(builds, build)
		}
	}
	return builds
}

// images writes one OCI image layout for all architectures, and for each one what docker load and the Dockerfile read.
func (r *releaser) images() error {
	var images []v1.Image
	for _, build := range r.linux() {
		made, err := image.New(build, r.notices)
		if err != nil {
			return err
		}
		images = append(images, made)
		packed, err := image.Tarball(made, build.Tag())
		if err != nil {
			return err
		}
		root, err := image.Root(made)
		if err != nil {
			return err
		}
		err = errors.Join(r.write(build.Name()+"_docker.tar", packed), r.write("root_linux_"+build.Arch+".tar", root))
		if err != nil {
			return err
		}
	}
	if len(images) == 0 {
		return nil
	}
	packed, err := image.Layout(images, r.builds[0].Tag(), r.builds[0].Time)
	if err != nil {
		return err
	}
	return r.write("portico_"+r.builds[0].Tag()+"_oci.tar", packed)
}

// chart writes the Helm chart, with the version of the release.
func (r *releaser) chart() error {
	var entries []archive.Entry
	folder := os.DirFS(filepath.Join(r.folder, "packaging", "helm"))
	err := fs.WalkDir(folder, "portico", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		if name == "portico/Chart.yaml" {
			data = bytes.ReplaceAll(data, []byte("ersion: 0.0.0\n"), []byte("ersion: "+r.builds[0].Number()+"\n"))
		}
		entries = append(entries, archive.Entry{Name: name, Data: data})
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the chart: %w", err)
	}
	var packed bytes.Buffer
	if err := archive.TarGz(&packed, entries, r.builds[0].Time); err != nil {
		return fmt.Errorf("packing the chart: %w", err)
	}
	return r.write("portico-"+r.builds[0].Number()+".tgz", packed.Bytes())
}

// sums is the file with the SHA-256 of each other file, in the form that sha256sum reads.
const sums = "SHA256SUMS"

func (r *releaser) checksums() error {
	files, err := os.ReadDir(r.out) // sorted by name
	if err != nil {
		return err
	}
	var list strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(r.out, file.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(data), file.Name())
	}
	return r.write(sums, []byte(list.String()))
}
