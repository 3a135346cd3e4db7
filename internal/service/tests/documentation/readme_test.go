package documentation_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/config"
	"portico/internal/service/servicetest"
)

const (
	readme     = "README.md"
	operations = "docs/operations.md"
	costs      = "docs/costs.md"
)

func TestReadmeShowsTheResponseToItsFirstQuery(t *testing.T) {
	section := between(t, readme, "## A first query\n", "\n## ")
	query, printed := fenced(t, section, "graphql"), fenced(t, section, "json")
	s := servicetest.Start(t)
	got := s.Ask(t, query)
	var want servicetest.Reply
	want.Read(t, strings.NewReader(printed))
	if diff := cmp.Diff(anyJSON(t, want.Data), anyJSON(t, got.Data)); diff != "" {
		t.Errorf("data, -README +service:\n%s", diff)
	}
	if diff := cmp.Diff(s.Wire(t, got), wireOf(want)); diff != "" {
		t.Errorf("upstream, -service +README:\n%s", diff)
	}
}

// wireOf renders what an answer says that it cost, as wire does for one that was just given.
func wireOf(a servicetest.Reply) string {
	var out []string
	for _, wave := range a.Waves() {
		slices.Sort(wave)
		out = append(out, wave...)
	}
	return strings.Join(out, "") + fmt.Sprintf("%d requests, %d items, %d waves\n", a.Cost.Requests, a.Cost.Items, a.Cost.Waves)
}

func TestReadmeListsTheSettings(t *testing.T) {
	const from, to = "<!-- settings -->\n", "<!-- /settings -->"
	got := between(t, readme, from, to)
	if got != config.Table() && servicetest.Updating() {
		text := strings.Replace(read(t, readme), from+got+to, from+config.Table()+to, 1)
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(config.Table(), got); diff != "" {
		t.Errorf("-settings +README, renew with -update:\n%s", diff)
	}
}

func TestCostsAreWhatIsSent(t *testing.T) {
	rows := tableRows(between(t, costs, "<!-- promise -->\n", "<!-- /promise -->"))
	if len(rows) < 8 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		link := regexp.MustCompile(`\]\(\.\./(.+)\.graphql\)`).FindStringSubmatch(row[2])
		if link == nil {
			t.Errorf("no test in %q", row[2])
			continue
		}
		question := strings.Join(strings.Fields(read(t, link[1]+".graphql")), " ")
		for _, text := range quoted(row[0]) {
			if !strings.Contains(question, text) {
				t.Errorf("%s does not ask %s", link[1], text)
			}
		}
		var sent []string
		for line := range strings.Lines(read(t, link[1]+".wire")) {
			if strings.HasPrefix(line, "GET ") {
				sent = append(sent, strings.Replace(strings.TrimSpace(line), "/security/threatIntelligence", "", 1))
			}
		}
		if diff := cmp.Diff(sent, quoted(row[1])); diff != "" {
			t.Errorf("%s, -sent +docs/costs.md:\n%s", link[1], diff)
		}
	}
}

func TestOperationsExplainsTheLogLine(t *testing.T) {
	section := between(t, operations, "## Logs\n", "\n## ")
	s := servicetest.Start(t)
	s.Ask(t, `query Q { hostPort(id: "`+servicetest.ExampleID+`") { firstSeenDateTime } }`)
	for name := range attributes(s.Log.String()) {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("%s is not explained", name)
		}
	}
}

// attributes are the names in the log lines of requests.
func attributes(log string) map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(log) {
		if !strings.Contains(line, " msg=request ") {
			continue
		}
		for _, pair := range regexp.MustCompile(`(\w+)=`).FindAllStringSubmatch(line, -1) {
			names[pair[1]] = true
		}
	}
	return names
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, readme, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
	for _, file := range files {
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, file), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), link[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between returns the text between two marks in a file; without the second, up to the end of the file.
func between(t *testing.T, file, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, file), from)
	if !found {
		t.Fatalf("%s has no %q", file, from)
	}
	inside, _, _ := strings.Cut(rest, to)
	return inside
}

// fenced returns the first block of code in the language.
func fenced(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "```"+language+"\n")
	if !found {
		t.Fatalf("no block of %s", language)
	}
	block, _, _ := strings.Cut(rest, "```")
	return block
}

// tableRows returns the cells of all rows that hold code in a Markdown text.
func tableRows(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| the same port") {
			rows = append(rows, strings.Split(strings.Trim(line, "|"), " | "))
		}
	}
	return rows
}

// quoted returns what stands between backquotes.
func quoted(text string) (all []string) {
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func anyJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
