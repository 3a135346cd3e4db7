// Package linux makes the .deb and .rpm packages, with a unit for systemd.
package linux

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the format

	"portico/packaging/binary"
)

// Formats are the packages that are made.
var Formats = []string{"deb", "rpm"}

// Package makes a package of a build. Source is the root of the clone, and notices is a file. It returns the name of
// the package's file, as the format's tools expect it, and the package.
func Package(b binary.Build, source, notices, format string) (string, []byte, error) {
	variables := map[string]string{
		"PROGRAM": b.File, "NOTICES": notices, "SOURCE": source, "ARCH": b.Arch, "VERSION": b.Version,
	}
	file := filepath.Join(source, "packaging", "linux", "nfpm.yaml")
	config, err := nfpm.ParseFileWithEnvMapping(file, func(name string) string { return variables[name] })
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", file, err)
	}
	info, err := config.Get(format)
	if err != nil {
		return "", nil, err
	}
	info.MTime = b.Time
	for _, content := range info.Contents {
		content.FileInfo.MTime = b.Time
	}
	scripts := &info.Scripts
	for _, script := range []*string{&scripts.PostInstall, &scripts.PreRemove, &scripts.PostRemove} {
		*script = filepath.Join(source, *script)
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return "", nil, err
	}
	var packed bytes.Buffer
	if err := packager.Package(info, &packed); err != nil {
		return "", nil, fmt.Errorf("packing the .%s: %w", format, err)
	}
	return packager.ConventionalFileName(info), packed.Bytes(), nil
}
