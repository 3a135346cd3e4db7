package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module   = "portico"
	maxLines = 400
)

// floors is the house: a package may import what stands on a floor below its own, and nothing else of ours.
var floors = [][]string{
	{"internal/flight"},
	{"msgraph", "internal/auth", "internal/config", "internal/telemetry", "internal/playground", "emulator"},
	{"threatintel", "loaders", "internal/callers"},
	{"graph/model"},
	{"graph/generated", "graph/limits", "graph/coerce"},
	{"graph/transport"},
	{"graph"},
	{".", "cmd/emulator"},
}

// alone imports nothing of ours: others run it against clients that have nothing to do with Portico.
const alone = "emulator"

// testOnly is what only tests import: it stands above the house.
var testOnly = []string{"internal/playground/playgroundtest", "bench"}

// unwanted is never part of the program: it speaks to Microsoft Graph itself, and drives a browser in tests alone.
var unwanted = regexp.MustCompile(`(?i)msgraph-sdk-go|kiota|chromedp`)

// pkg is what `go list -json` says of a package, as far as it matters here.
type pkg struct {
	ImportPath string
	Imports    []string
}

func (p pkg) name() string { return ours(p.ImportPath) }

// ours is the path of a package of this module below the root, "." for the root itself, and empty for any other.
func ours(importPath string) string {
	if importPath == module {
		return "."
	}
	name, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return name
}

func TestImportsRunDownhill(t *testing.T) {
	for _, p := range packages(t) {
		for _, complaint := range uphill(p) {
			t.Error(complaint)
		}
	}
}

func TestUphillImportsAreNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		from, to, want string
	}{
		"down two floors":           {"graph", "msgraph", ""},
		"the standard library":      {"msgraph", "net/http", ""},
		"up":                        {"msgraph", "graph", "msgraph imports graph, which is not below it"},
		"to a neighbour":            {"threatintel", "loaders", "threatintel imports loaders, which is not below it"},
		"the emulator down":         {"emulator", "internal/flight", "emulator imports internal/flight, and must import nothing of ours"},
		"a tool for tests":          {"graph", "bench", "graph imports bench, which is for tests only"},
		"a package without a floor": {"graph", "util", "graph imports util, which has no floor: give it one in floors"},
	} {
		t.Run(name, func(t *testing.T) {
			to := tt.to
			if !strings.Contains(to, "net/") {
				to = module + "/" + to
			}
			got := strings.Join(uphill(pkg{ImportPath: module + "/" + tt.from, Imports: []string{to}}), "\n")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTheProgramDependsOnNothingUnwanted(t *testing.T) {
	for _, dependency := range strings.Fields(goList(t, "-deps", ".", "./cmd/emulator")) {
		if unwanted.MatchString(dependency) {
			t.Errorf("the program depends on %s", dependency)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	root := os.DirFS(".")
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, ".resolvers.go"): // gqlgen decides their size
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines && !generated(text) {
			t.Errorf("%s has %d lines, and may have %d: it holds more than one thing", file, lines, maxLines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// uphill returns one complaint for each import of the package that does not lead down.
func uphill(p pkg) []string {
	var complaints []string
	from := floorOf(p.name())
	if from < 0 {
		complaints = append(complaints, fmt.Sprintf("%s has no floor: give it one in floors", p.name()))
	}
	for _, path := range p.Imports {
		to := ours(path)
		if to == "" {
			continue
		}
		if why := forbidden(p.name(), from, to); why != "" {
			complaints = append(complaints, fmt.Sprintf("%s imports %s, %s", p.name(), to, why))
		}
	}
	return complaints
}

// forbidden says why a package may not import another, and nothing where it may.
func forbidden(name string, from int, to string) string {
	switch floor := floorOf(to); {
	case name == alone:
		return "and must import nothing of ours"
	case slices.Contains(testOnly, to):
		return "which is for tests only"
	case floor < 0:
		return "which has no floor: give it one in floors"
	case floor >= from:
		return "which is not below it"
	}
	return ""
}

// floorOf counts from 0, the ground; it is -1 for a package that has no place in the house.
func floorOf(name string) int {
	if slices.Contains(testOnly, name) {
		return len(floors)
	}
	return slices.IndexFunc(floors, func(floor []string) bool { return slices.Contains(floor, name) })
}

// packages lists the module's packages without their tests: tests may use what they like, the emulator above all.
func packages(t *testing.T) []pkg {
	t.Helper()
	var all []pkg
	decoder := json.NewDecoder(strings.NewReader(goList(t, "-json=ImportPath,Imports", "./...")))
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	var complaints bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &complaints)
	}
	return string(out)
}

// generatedMark is the line by which Go's tools know generated code (https://go.dev/s/generatedcode).
var generatedMark = regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.$`)

func generated(text []byte) bool {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if generatedMark.MatchString(lines.Text()) {
			return true
		}
		if strings.HasPrefix(lines.Text(), "package ") {
			return false
		}
	}
	return false
}
