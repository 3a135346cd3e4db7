//go:build interop

package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"portico/packaging/binary"
)

func TestInteropTwoReleasesOfACommitAreEqual(t *testing.T) {
	first, err := released()
	if err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(t.TempDir(), "a folder with another name")
	from, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(t.Context(), from, second, []binary.Target{host}); err != nil {
		t.Fatal(err)
	}
	a, b := contents(t, first), contents(t, second)
	if len(a) < 3 || len(a) != len(b) {
		t.Errorf("%d files and %d files", len(a), len(b))
	}
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			t.Errorf("%s differs: %d bytes and %d bytes", name, len(data), len(b[name]))
		}
	}
}

// contents reads all files below a folder.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		files[relative], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestInteropEveryFileHasItsChecksum(t *testing.T) {
	folder, err := released()
	if err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", sums)
	check.Dir = folder
	out, err := check.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if files := len(contents(t, folder)) - 1; bytes.Count(out, []byte(": OK\n")) != files {
		t.Errorf("%d files, and these are checked:\n%s", files, out)
	}
}

func TestInteropAReleaseDeletesNothingButAnEarlierRelease(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "thesis.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := emptied(folder); err == nil || !strings.Contains(err.Error(), "is not empty and holds no release") {
		t.Errorf("a folder with other files: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, sums), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := emptied(folder); err != nil || len(contents(t, folder)) > 0 {
		t.Errorf("an earlier release: %v, %d files are left", err, len(contents(t, folder)))
	}
}

func TestInteropTheArchiveHasAProgramThatServesThePlayground(t *testing.T) {
	folder := filepath.Join(unpack(t, theFile(t, "*_linux_*.tar.gz")), strings.TrimSuffix(filepath.Base(theFile(t, "*_linux_*.tar.gz")), ".tar.gz"))
	file := filepath.Join(folder, "portico")
	commit, err := exec.CommandContext(t.Context(), "git", "-C", repository, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.CommandContext(t.Context(), file, "--version").Output()
	if want := "(commit " + strings.TrimSpace(string(commit)) + ","; err != nil || !strings.Contains(string(version), want) {
		t.Errorf("--version prints %q (%v), want %s", version, err, want)
	}
	for _, name := range []string{"LICENSE", "NOTICES", "README.md", "CHANGELOG.md", "docs/operations.md", "schema.graphqls", "packaging/grafana/portico.json", "packaging/prometheus/alerts.yml"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	notices, err := os.ReadFile(filepath.Join(folder, "NOTICES"))
	if err != nil || !bytes.Contains(notices, []byte("Mozilla Public License")) || !bytes.Contains(notices, []byte("## graphiql - ")) {
		t.Errorf("NOTICES lacks Go modules or the playground's packages: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), file)
	cmd.Env = []string{"PORTICO_CLOUD=emulator", "PORTICO_LISTEN=127.0.0.1:0"}
	p := start(t, cmd)
	p.wantAnswer(t)
	if status, page := p.get(t, "/"); status != 200 || !strings.Contains(page, `data-endpoint="/graphql"`) {
		t.Errorf("the playground: status %d, %.200s", status, page)
	}
}

func TestInteropTheChartHasTheVersionOfTheRelease(t *testing.T) {
	file := theFile(t, "portico-*.tgz")
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "portico-"), ".tgz")
	folder := filepath.Join(unpack(t, file), "portico")
	text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
	if want := "\nversion: " + version + "\nappVersion: " + version + "\n"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("Chart.yaml has no %q: %v\n%s", want, err, text)
	}
	for _, name := range []string{"values.yaml", "values.schema.json", "templates/_helpers.tpl", "templates/deployment.yaml", "templates/NOTES.txt"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	_, image := theImage(t)
	if tag := image.Config.Labels["org.opencontainers.image.version"]; tag != version {
		t.Errorf("the chart runs version %s, and the image is of version %s", version, tag)
	}
}

func TestInteropTheBillOfMaterialsListsWhatIsInTheProgram(t *testing.T) {
	folder := unpack(t, theFile(t, "*_linux_*.tar.gz"))
	programs, err := filepath.Glob(filepath.Join(folder, "*", "portico"))
	if err != nil || len(programs) != 1 {
		t.Fatal(programs, err)
	}
	info, err := buildinfo.ReadFile(programs[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.Open(theFile(t, "*.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(text, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, component := range *bom.Components {
		listed[strings.SplitN(component.PackageURL, "?", 2)[0]] = true
	}
	for _, module := range info.Deps {
		if purl := "pkg:golang/" + module.Path + "@" + module.Version; !listed[purl] {
			t.Errorf("the list lacks %s", purl)
		}
	}
	for _, purl := range []string{"pkg:golang/std@" + info.GoVersion, "pkg:npm/graphiql@5.4.0", "pkg:npm/%40graphiql/react@0.39.1"} {
		if !listed[purl] {
			t.Errorf("the list lacks %s", purl)
		}
	}
	if got := bom.Metadata.Component; got.Name != "portico" || got.Version != info.Main.Version {
		t.Errorf("the list is of %s %s, want portico %s", got.Name, got.Version, info.Main.Version)
	}
}
