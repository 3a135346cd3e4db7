package licenses

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/playground"
)

var update = flag.Bool("update", false, "write modules.txt and editor.txt again")

// systems are those that Portico is built for: some packages are part of it on one of them alone.
var systems = []string{"linux", "darwin", "windows"}

// texts are the names of files with a license or a notice.
var texts = regexp.MustCompile(`(?i)^(licen[cs]e|notice|copying|patents|unlicense)([.-].*)?$`)

// module is a module in the program, with the folders of its packages.
type module struct {
	path, version, root string
	folders             map[string]bool
}

// A module that is added or updated changes the file, so that no binary lacks a notice.
func TestEachModuleInTheProgramHasItsNotice(t *testing.T) {
	hold(t, "modules.txt", modules, notices(t))
}

// hold compares a file with what it has to contain, or writes it.
func hold(t *testing.T, file, has, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, has); diff != "" {
		t.Errorf("-want +%s, renew with go test ./internal/licenses -update:\n%s", file, diff)
	}
}

// codicons are the editor's icons. Its package has no notice of them.
const codicons = `Codicons
Source: https://github.com/microsoft/vscode-codicons
Copyright (c) Microsoft Corporation

The font is unchanged, under Creative Commons Attribution 4.0 International
(https://creativecommons.org/licenses/by/4.0/legalcode).
`

// The build of the page lists the packages in it, and not what they contain in turn.
func TestTheEditorsPartsHaveTheirNotices(t *testing.T) {
	monaco := filepath.Join("..", "playground", "web", "node_modules", "monaco-editor")
	if _, err := os.Stat(monaco); err != nil {
		if playground.Built() {
			t.Fatalf("the page was built here, and its packages are gone: %v", err)
		}
		t.Skip("the page's packages are not installed, and the program has no page")
	}
	first, _, _ := strings.Cut(read(t, filepath.Join(monaco, "esm", "vs", "base", "browser", "dompurify", "dompurify.js")), "\n")
	purify := "DOMPurify\nSource: https://github.com/cure53/DOMPurify\n" + strings.Trim(first, "/*! ") +
		"\n\nIt is used under the Apache License 2.0, whose text is above, at react-aria.\n"
	notices := read(t, filepath.Join(monaco, "ThirdPartyNotices.txt"))
	hold(t, "editor.txt", editor, strings.Join([]string{purify, codicons, "monaco-editor\n\n" + notices}, line+"\n"))
}

func TestNoticesThatLicensesRequire(t *testing.T) {
	for _, want := range []string{
		"github.com/hashicorp/golang-lru/v2 ", "Mozilla Public License, version 2.0", "Source: https://github.com/hashicorp/golang-lru\n",
		"golang.org/x/crypto ", "Go itself", "Copyright 2009 The Go Authors", "github.com/99designs/gqlgen ",
		"DOMPurify 3", "Cure53", "Codicons", "creativecommons.org/licenses/by/4.0", "THIRD-PARTY SOFTWARE NOTICES",
	} {
		if !strings.Contains(modules+editor, want) {
			t.Errorf("no %q", want)
		}
	}
	var out bytes.Buffer
	if err := Write(&out, "the page\n"); err != nil || !strings.HasSuffix(out.String(), modules+"\nthe page\n\n"+editor) {
		t.Errorf("wrote %d bytes, %v", out.Len(), err)
	}
	out.Reset()
	if err := Write(&out, ""); err != nil || strings.Contains(out.String(), editor) {
		t.Errorf("a program without the page has the page's notices, or %v", err)
	}
}

// notices returns all notices: for each module its name, where its source is, and its texts.
func notices(t *testing.T) string {
	t.Helper()
	found := map[string]*module{}
	for _, system := range systems {
		addModules(t, system, found)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nGo itself, and its standard library\nSource: https://go.dev\n\n%s\n", line, read(t, filepath.Join(goroot(t), "LICENSE")))
	for _, path := range slices.Sorted(maps.Keys(found)) {
		m := found[path]
		fmt.Fprintf(&b, "%s\n%s %s\nSource: https://%s\n\n", line, m.path, m.version, regexp.MustCompile(`/v[0-9]+$`).ReplaceAllString(m.path, ""))
		b.WriteString(m.texts(t))
	}
	return b.String()
}

var line = strings.Repeat("=", 80)

// addModules adds the modules of which the program contains packages on an operating system.
func addModules(t *testing.T, system string, found map[string]*module) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}", "portico")
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(text), "\t")
		if len(fields) != 4 || fields[0] == "portico" {
			continue
		}
		m := found[fields[0]]
		if m == nil {
			m = &module{fields[0], fields[1], fields[2], map[string]bool{}}
			found[fields[0]] = m
		}
		for folder := fields[3]; strings.HasPrefix(folder, m.root); folder = filepath.Dir(folder) {
			m.folders[folder] = true
		}
	}
}

// texts returns the license texts in the folders of the module's packages and above them, up to its root.
func (m *module) texts(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, folder := range slices.Sorted(maps.Keys(m.folders)) {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if file.Type().IsRegular() && texts.MatchString(file.Name()) && filepath.Ext(file.Name()) != ".go" {
				b.WriteString(read(t, filepath.Join(folder, file.Name())) + "\n")
			}
		}
	}
	if b.Len() == 0 {
		t.Errorf("%s has no license", m.path)
	}
	return b.String()
}

// read returns a text without spaces at the ends of lines.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n"
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
