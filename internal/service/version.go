package service

import (
	"fmt"
	"runtime/debug"
)

// build is what the toolchain recorded about the program.
type build struct {
	version string // of the module; (devel) without a tag
	commit  string // with -dirty if files differed; unknown outside of a checkout
	goes    string // the version of Go
}

func readBuild() build {
	b := build{version: "(devel)", commit: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.goes = info.GoVersion
	if info.Main.Version != "" {
		b.version = info.Main.Version
	}
	dirty := ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			b.commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			dirty = "-dirty"
		}
	}
	b.commit += dirty
	return b
}

// String is the one line that --version prints.
func (b build) String() string {
	return fmt.Sprintf("portico %s (commit %s, %s)", b.version, b.commit, b.goes)
}
