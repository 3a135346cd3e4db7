package playground

import (
	"embed"
	"path"
	"strings"
)

//go:embed queries
var queries embed.FS

// Tab is one question that the page opens with, as its file in queries/ has it.
type Tab struct {
	// Name is the name of the file without its ending, such as "1-host-port". It tells the place of the tab.
	Name string
	// Query is the document, with the comment that says what it shows and what it costs.
	Query string
	// Variables is a JSON object, or empty where the question takes none.
	Variables string
}

// Tabs returns the ready questions in the order in which the page shows them.
func Tabs() []Tab { return tabsIn("queries") }

// Next returns the questions that the page opens from a response or from pasted indicators, by name. Their variables
// are what was clicked or pasted.
func Next() []Tab { return tabsIn("queries/next") }

func tabsIn(folder string) []Tab {
	names, err := queries.ReadDir(folder)
	if err != nil {
		panic(err) // embedded: it is there or the build failed
	}
	var tabs []Tab
	for _, entry := range names { // sorted by name
		name, ok := strings.CutSuffix(entry.Name(), ".graphql")
		if !ok {
			continue
		}
		file := path.Join(folder, name)
		tabs = append(tabs, Tab{Name: name, Query: text(file + ".graphql"), Variables: text(file + ".json")})
	}
	return tabs
}

// text is the content of a file, empty if there is none.
func text(file string) string {
	content, _ := queries.ReadFile(file)
	return strings.TrimSpace(string(content))
}
