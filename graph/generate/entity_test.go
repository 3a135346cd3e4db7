//go:build interop

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

const root = "../.."

// TestInteropMadeUpEntity adds an entity that Microsoft Graph does not have, host screenshots, to a copy of the repository: in the
// places that CONTRIBUTING.md lists, and nowhere else. Then it generates the rest and runs the entity's wire test.
func TestInteropMadeUpEntity(t *testing.T) {
	dir := t.TempDir()
	copyTree(t, dir)
	appendTo(t, filepath.Join(dir, "schema.graphqls"), screenshotSchema(t))
	writeText(t, filepath.Join(dir, "threatintel/hostscreenshot.go"), screenshotVocabulary)
	insert(t, filepath.Join(dir, "emulator/odata/entities.go"), "var entities = []entity{\n", screenshotModel)
	published := filepath.Join(dir, "emulator/odata/metadata_test.go")
	insert(t, published, "var publishedTypes = map[string]string{\n", screenshotPublished)
	insert(t, published, "->ports:hostPort[] ", "->screenshots:hostScreenshot[] ")
	insert(t, published, "=>hostPorts:hostPort[] ", "=>hostScreenshots:hostScreenshot[] ")
	insert(t, filepath.Join(dir, "emulator/world/seed.go"), "var referred = []referral{\n", screenshotData)
	writeText(t, filepath.Join(dir, "testdata/wire/screenshot.graphql"), screenshotQuery)
	writeText(t, filepath.Join(dir, "testdata/wire/screenshot.wire"), screenshotWire)

	command(t, dir, "run", "./graph/generate")
	command(t, dir, "test", "./emulator/odata", "./threatintel", "./graph/generate")
	out := command(t, dir, "test", wirePackage, "-run", "^TestWire$/^screenshot$", "-v")
	if !strings.Contains(out, "--- PASS: TestWire/screenshot") {
		t.Errorf("the wire test did not run:\n%s", out)
	}
}

// wirePackage is the package of TestWire.
const wirePackage = "./internal/service/tests/queries"

// copyTree copies what the program and its tests are built from.
func copyTree(t *testing.T, to string) {
	t.Helper()
	skip := regexp.MustCompile(`(^|/)(node_modules|\.git|\.github|bin|examples/typescript|examples/go)$`)
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		target := filepath.Join(to, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && skip.MatchString(name):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// screenshotSchema returns the part of the schema for host screenshots. It is that for host trackers with other names, so
// that the test does not depend on how connections and arguments are written.
func screenshotSchema(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "schema.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	var made ast.SchemaDocument
	for _, name := range []string{"HostTracker", "HostTrackerConnection", "HostTrackerEdge", "HostTrackerFilter"} {
		made.Definitions = append(made.Definitions, doc.Definitions.ForName(name))
	}
	for owner, fields := range map[string][]string{
		"Query": {"hostTracker", "hostTrackers"}, "Host": {"trackers"}, "Hostname": {"trackers"}, "IpAddress": {"trackers"},
	} {
		def := doc.Definitions.ForName(owner)
		extension := &ast.Definition{Kind: def.Kind, Name: owner}
		for _, name := range fields {
			extension.Fields = append(extension.Fields, def.Fields.ForName(name))
		}
		made.Extensions = append(made.Extensions, extension)
	}
	var out bytes.Buffer
	formatter.NewFormatter(&out).FormatSchemaDocument(&made)
	return strings.NewReplacer("HostTracker", "HostScreenshot", "hostTracker", "hostScreenshot", "trackers", "screenshots").
		Replace(out.String())
}

const screenshotVocabulary = `package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{
		named: "HostScreenshot", ids: []form{coded(regexp.MustCompile("^screenshot of "))},
		artifact: func(r *Reference) Artifact { return &HostScreenshot{ID: r.ID} },
	})
}

// HostScreenshot is a picture of a host.
type HostScreenshot struct {
	ID                string     ` + "`json:\"id\"`" + `
	Kind              *string    ` + "`json:\"kind\"`" + `
	Value             *string    ` + "`json:\"value\"`" + `
	FirstSeenDateTime DateTime   ` + "`json:\"firstSeenDateTime\"`" + `
	LastSeenDateTime  DateTime   ` + "`json:\"lastSeenDateTime\"`" + `
	HostReference     *Reference ` + "`json:\"host\"`" + `
}

// IsArtifact marks a HostScreenshot as an Artifact.
func (*HostScreenshot) IsArtifact() {}

// NodeID implements Node.
func (h *HostScreenshot) NodeID() string { return nodeID("HostScreenshot", h.ID) }

// HostScreenshotByID is the request for one screenshot.
func HostScreenshotByID(id string, query msgraph.Query) msgraph.Request[*HostScreenshot] {
	return byID[HostScreenshot]("hostScreenshots", id, query)
}

// ScreenshotsOf is the request for the screenshots of a host.
func ScreenshotsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostScreenshot]] {
	return listOf[HostScreenshot]("hosts", id, "screenshots", query)
}
`

const screenshotModel = `	{
		typ: declare("hostScreenshot", typeArtifact,
			"firstSeenDateTime DateTimeOffset!", "kind String!", "lastSeenDateTime DateTimeOffset!",
			"value String!", "& host host!"),
		set:       Set{Name: "hostScreenshots"},
		endpoints: []Endpoint{{Owner: "hosts", Name: "screenshots", takes: plain}},
	},
`

const screenshotPublished = `	"hostScreenshot": "entity of artifact | ->host:host! firstSeenDateTime:DateTimeOffset! kind:String! lastSeenDateTime:DateTimeOffset! value:String!",
`

const screenshotData = `	{"hostScreenshots", ` + "`" + `{
  "id": "c2NyZWVuc2hvdCBvZiA4NS4xMy4xMzkuMTg=",
  "firstSeenDateTime": "2023-01-01T00:00:00Z",
  "lastSeenDateTime": "2023-01-01T00:00:00Z",
  "kind": "png",
  "value": "https://www.example/1.png",
  "host": {"id": "85.13.139.18"}
}` + "`" + `, []string{"hosts/" + ExampleHostID + "/screenshots"}},
`

const screenshotQuery = `# A host's screenshots, one by its id, and one by an id whose type is inferred.
{
  host(id: "85.13.139.18") { screenshots(first: 2) { nodes { kind host { id } } } }
  hostScreenshot(id: "c2NyZWVuc2hvdCBvZiA4NS4xMy4xMzkuMTg=") { value host { firstSeenDateTime } }
  node(id: "c2NyZWVuc2hvdCBvZiA4NS4xMy4xMzkuMTg=") { ... on HostScreenshot { kind } }
}
`

const screenshotWire = `GET /security/threatIntelligence/hostScreenshots/c2NyZWVuc2hvdCBvZiA4NS4xMy4xMzkuMTg=?$select=host,kind,value
GET /security/threatIntelligence/hosts/85.13.139.18/screenshots?$select=id,host,kind&$top=2
then
GET /security/threatIntelligence/hosts/85.13.139.18?$select=firstSeenDateTime
3 requests, 3 items, 2 waves
`

// insert inserts text behind a text that is in a file once.
func insert(t *testing.T, file, after, text string) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(before, []byte(after)) != 1 {
		t.Fatalf("%s does not have %q once", file, after)
	}
	writeText(t, file, strings.Replace(string(before), after, after+text, 1))
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, file, string(before)+"\n"+text)
}

func writeText(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command runs the go command in a folder and returns its output.
func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
