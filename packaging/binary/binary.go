// Package binary builds Portico for the systems that it is released for. What it says of a build is what the toolchain
// recorded in the program, which is also what portico --version prints.
package binary

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Target is an operating system and an architecture, by Go's names.
type Target struct{ OS, Arch string }

// Targets are the systems of a release.
var Targets = []Target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
}

// ParseTarget reads OS/ARCH, such as linux/amd64.
func ParseTarget(text string) (Target, error) {
	for _, target := range Targets {
		if target.OS+"/"+target.Arch == text {
			return target, nil
		}
	}
	return Target{}, fmt.Errorf("%q is not a target of a release: use one of %v", text, Targets)
}

// String is OS/ARCH.
func (t Target) String() string { return t.OS + "/" + t.Arch }

// Program is the name of the program's file on the target.
func (t Target) Program() string {
	if t.OS == "windows" {
		return "portico.exe"
	}
	return "portico"
}

// Build is a program that was built.
type Build struct {
	Target
	File    string    // where the program is
	Version string    // the Git tag, or a pseudo-version of the commit; with the leading v
	Commit  string    // the full Git commit
	Time    time.Time // of the commit. Everything that is made of this build has this time
}

// Compile builds the module in a folder, which has to be the root of a Git clone, for a target. Equal commits give
// equal files: the build has no path, no time and no C in it.
func Compile(ctx context.Context, folder string, target Target, file string) (Build, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", file, ".")
	cmd.Dir = folder
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+target.OS, "GOARCH="+target.Arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return Build{}, fmt.Errorf("building for %s: %w\n%s", target, err, out)
	}
	return read(file, target)
}

// read reads what the toolchain recorded. A release without a commit, or with files that no commit has, is an error.
func read(file string, target Target) (Build, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return Build{}, fmt.Errorf("reading the build information of %s: %w", file, err)
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	b := Build{Target: target, File: file, Version: info.Main.Version, Commit: settings["vcs.revision"]}
	if b.Commit == "" || !strings.HasPrefix(b.Version, "v") {
		return Build{}, errors.New("the program has no version: build it in the root of a Git clone")
	}
	if settings["vcs.modified"] != "false" {
		return Build{}, fmt.Errorf("files differ from commit %s: release a clean clone", b.Commit)
	}
	if b.Time, err = time.Parse(time.RFC3339, settings["vcs.time"]); err != nil {
		return Build{}, fmt.Errorf("reading the commit's time: %w", err)
	}
	return b, nil
}

// Number is the version without the leading v, as packages and charts have it.
func (b Build) Number() string { return strings.TrimPrefix(b.Version, "v") }

// Tag is the version in the characters that image tags allow.
func (b Build) Tag() string { return strings.ReplaceAll(b.Number(), "+", "_") }

// Name is the beginning of the names of the files that hold this build, such as portico_1.2.0_linux_amd64.
func (b Build) Name() string { return "portico_" + b.Tag() + "_" + b.OS + "_" + b.Arch }
