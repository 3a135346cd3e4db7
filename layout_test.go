package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gopackages "golang.org/x/tools/go/packages"
)

const (
	module   = "portico"
	maxLines = 400
)

// floors holds the packages by floor. A package may import packages on the floors below its own, and no others of ours.
var floors = [][]string{
	{
		"internal/breaker", "internal/flight", "internal/gather", "internal/limiter", "internal/shorten", "internal/loopback", "internal/pause", "internal/quota", "internal/failure", "internal/bytelru", "internal/sparse", "internal/licenses", "internal/plaintext", "graph/generate/onepass", "graph/code", "emulator/odata", "emulator/world", "emulator/entra",
	},
	{"internal/coerce", "internal/listen", "internal/redact", "internal/documents", "internal/redis"},
	{"internal/opentelemetry"},
	{"msgraph", "internal/auth", "internal/telemetry", "internal/playground", "graph/limits", "emulator"},
	{"threatintel", "loaders", "internal/callers", "internal/config", "internal/cache"},
	{"graph/model"},
	{"graph/generated", "graph/incremental"},
	{"graph/transport", "graph/plan"},
	{"graph"},
	{"internal/service"},
	{".", "cmd/emulator", "graph/generate"},
}

// apart holds the packages of the emulator, also by floor. They import nothing else of ours, because others run the
// emulator with clients that have nothing to do with Portico.
var apart = [][]string{
	{"emulator/odata", "emulator/entra"},
	{"emulator/world"},
	{"emulator"},
}

// maxCircle is the largest number of files of a package that may use one another in a circle.
const maxCircle = 4

// testOnly holds the packages that nothing but tests imports, also by floor. They are above all other floors.
var testOnly = [][]string{
	{"internal/golden"},
	{"internal/playground/playgroundtest", "internal/redis/redistest", "internal/service/servicetest", "internal/interop", "internal/listen/listentest", "bench"},
	{"internal/service/servicetest/naive"},
}

// unwanted is never part of the program: it speaks to Microsoft Graph itself, and drives a browser in tests alone.
var unwanted = regexp.MustCompile(`(?i)msgraph-sdk-go|kiota|chromedp`)

// pkg is what `go list -json` says of a package, as far as it matters here.
type pkg struct {
	ImportPath string
	Imports    []string
	GoFiles    []string
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

// CONTRIBUTING.md shows the floors, the highest first.
func TestContributingListsEveryFloor(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "Packages form layers")
	_, list, _ = strings.Cut(list, "```\n")
	list, _, _ = strings.Cut(list, "```")
	list = strings.ReplaceAll(list, "\n  ", "  ") // an indented line continues the floor above it
	var shown [][]string
	for line := range strings.Lines(list) {
		shown = append(shown, slices.Sorted(slices.Values(strings.Fields(line))))
	}
	slices.Reverse(shown)
	for i, floor := range floors {
		want := slices.Sorted(slices.Values(floor))
		for j, name := range want {
			if name == "." {
				want[j] = "server.go"
			}
		}
		slices.Sort(want)
		if i >= len(shown) || !slices.Equal(shown[i], want) {
			t.Errorf("CONTRIBUTING.md lists another floor than %v", want)
		}
	}
	if len(shown) != len(floors) {
		t.Errorf("CONTRIBUTING.md lists %d floors, and there are %d", len(shown), len(floors))
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
		"the emulator outside":      {"emulator", "internal/flight", "emulator imports internal/flight, which is not a part of the emulator"},
		"a part outside":            {"emulator/world", "msgraph", "emulator/world imports msgraph, which is not a part of the emulator"},
		"the emulator to a part":    {"emulator", "emulator/entra", ""},
		"a part to a lower part":    {"emulator/world", "emulator/odata", ""},
		"a part to its neighbour":   {"emulator/odata", "emulator/entra", "emulator/odata imports emulator/entra, which is not below it"},
		"a part up":                 {"emulator/odata", "emulator/world", "emulator/odata imports emulator/world, which is not below it"},
		"a tool for tests":          {"graph", "bench", "graph imports bench, which is for tests only"},
		"a tool to a lower tool":    {"internal/service/servicetest/naive", "internal/service/servicetest", ""},
		"a tool to a higher tool":   {"internal/service/servicetest", "internal/service/servicetest/naive", "internal/service/servicetest imports internal/service/servicetest/naive, which is not below it"},
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

// What decides which requests are sent depends on nothing but the document, the variables and the schema.
func TestThePlanIsPure(t *testing.T) {
	allowed := []string{"graph/code", "graph/generated", "graph/model", "internal/bytelru", "internal/coerce", "internal/sparse", "loaders", "msgraph", "threatintel"}
	impure := []string{"context", "io", "log/slog", "net/http", "os", "time"}
	for _, p := range packages(t) {
		if p.name() != "graph/plan" {
			continue
		}
		for _, path := range p.Imports {
			if to := ours(path); slices.Contains(impure, path) || (to != "" && !slices.Contains(allowed, to)) {
				t.Errorf("graph/plan imports %s", path)
			}
		}
		return
	}
	t.Error("there is no graph/plan")
}

func TestTheProgramHasNoUnwantedDependencies(t *testing.T) {
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

// forbidden returns why a package may not import another, or "".
func forbidden(name string, from int, to string) string {
	if floorIn(apart, name) >= 0 {
		return forbiddenApart(name, to)
	}
	switch floor := floorOf(to); {
	case floorIn(testOnly, to) >= 0 && floorIn(testOnly, name) < 0:
		return "which is for tests only"
	case floor < 0:
		return "which has no floor: give it one in floors"
	case floor >= from:
		return "which is not below it"
	}
	return ""
}

// forbiddenApart is forbidden for the packages of the emulator.
func forbiddenApart(name, to string) string {
	switch floor := floorIn(apart, to); {
	case floor < 0:
		return "which is not a part of the emulator"
	case floor >= floorIn(apart, name):
		return "which is not below it"
	}
	return ""
}

// floorOf returns the floor of a package, counted from 0, the ground. It is -1 for a package without a floor.
func floorOf(name string) int {
	if floor := floorIn(testOnly, name); floor >= 0 {
		return len(floors) + floor
	}
	return floorIn(floors, name)
}

func floorIn(floors [][]string, name string) int {
	return slices.IndexFunc(floors, func(floor []string) bool { return slices.Contains(floor, name) })
}

// packages lists the module's packages without their tests: tests may use what they like, the emulator above all.
func packages(t *testing.T) []pkg {
	t.Helper()
	var all []pkg
	decoder := json.NewDecoder(strings.NewReader(goList(t, "-json=ImportPath,Imports,GoFiles", "./...")))
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 { // a folder of tests has no floor
			all = append(all, p)
		}
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

func TestFilesFormNoLargeCircles(t *testing.T) {
	loaded, err := gopackages.Load(&gopackages.Config{
		Context: t.Context(),
		Mode: gopackages.NeedName | gopackages.NeedFiles | gopackages.NeedCompiledGoFiles | gopackages.NeedImports |
			gopackages.NeedTypes | gopackages.NeedSyntax | gopackages.NeedTypesInfo,
	}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		name := ours(p.PkgPath)
		if circle := largestCircle(usesOf(p)); len(circle) > maxCircle {
			t.Errorf("%s: %d files use one another in a circle, and at most %d may: %v", name, len(circle), maxCircle, circle)
		}
	}
}

func TestCirclesOfFilesAreFound(t *testing.T) {
	for name, tt := range map[string]struct {
		uses map[string][]string
		want string
	}{
		"no file":                    {nil, "[]"},
		"downhill":                   {map[string][]string{"a": {"b", "c"}, "b": {"c"}}, "[]"},
		"two files":                  {map[string][]string{"a": {"b"}, "b": {"a"}}, "[a b]"},
		"through a third file":       {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, "[a b c]"},
		"the larger of two":          {map[string][]string{"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"e"}, "e": {"c"}}, "[c d e]"},
		"two circles with a bridge":  {map[string][]string{"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}}, "[a b]"},
		"two circles with one joint": {map[string][]string{"a": {"b"}, "b": {"a", "c"}, "c": {"b"}}, "[a b c]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(largestCircle(tt.uses)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// usesOf returns which hand-written files of a package use which others: their types, functions, methods, fields,
// constants and variables.
func usesOf(p *gopackages.Package) map[string][]string {
	uses := map[string][]string{}
	written := map[string]bool{}
	for _, file := range p.Syntax {
		written[p.Fset.Position(file.Pos()).Filename] = !ast.IsGenerated(file)
	}
	for ident, object := range p.TypesInfo.Uses {
		from, to := p.Fset.Position(ident.Pos()).Filename, p.Fset.Position(object.Pos()).Filename
		a, b := filepath.Base(from), filepath.Base(to)
		if object.Pkg() == p.Types && from != to && written[from] && written[to] && !slices.Contains(uses[a], b) {
			uses[a] = append(uses[a], b)
		}
	}
	return uses
}

// largestCircle returns the largest set of files each of which leads to each other one, sorted; none has one file.
func largestCircle(uses map[string][]string) []string {
	reach := map[string]map[string]bool{}
	for file := range uses {
		reach[file] = map[string]bool{}
		for open := slices.Clone(uses[file]); len(open) > 0; {
			next := open[len(open)-1]
			open = open[:len(open)-1]
			if !reach[file][next] {
				reach[file][next] = true
				open = append(open, uses[next]...)
			}
		}
	}
	var largest []string
	for _, file := range slices.Sorted(maps.Keys(uses)) {
		var circle []string
		for other := range reach[file] {
			if reach[other][file] {
				circle = append(circle, other)
			}
		}
		if slices.Sort(circle); len(circle) > len(largest) {
			largest = circle
		}
	}
	return largest
}
