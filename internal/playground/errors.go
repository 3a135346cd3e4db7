package playground

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"

	"portico/graph/code"
)

// documented is what the page says about an error beside its message.
type documented struct {
	Code   string `json:"code"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
}

// errorDocs documents the error codes, offline: as JSON for the page, and as a page with a row to link to for each.
func errorDocs() map[string]asset {
	var docs []documented
	var rows strings.Builder
	for _, e := range code.Entries() {
		docs = append(docs, documented{e.Code, e.Cause, e.Remedy})
		fmt.Fprintf(&rows, "<tr id=\"%[1]s\"><th scope=\"row\"><code>%[1]s</code></th><td>%[2]s</td><td>%[3]s</td></tr>\n",
			e.Code, inline(e.Cause), inline(e.Remedy))
	}
	text, err := json.Marshal(docs)
	if err != nil {
		panic(err) // strings alone
	}
	return map[string]asset{
		"errors.json": {contentType("errors.json"), zip(text), false},
		"errors.html": {contentType("errors.html"), zip([]byte(fmt.Sprintf(errorsPage, rows.String()))), false},
	}
}

var quoted = regexp.MustCompile("`([^`]+)`")

// inline is HTML of the only Markdown that the documentation of a code has: text in backquotes.
func inline(markdown string) string {
	return quoted.ReplaceAllString(html.EscapeString(markdown), "<code>$1</code>")
}

const errorsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Portico: error codes</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse }
th, td { border-bottom: 1px solid #8886; padding: .5rem .75rem; text-align: left; vertical-align: top }
:target { background: #ffd54f55 }
</style>
</head>
<body>
<h1>Error codes</h1>
<p>Each error of a response has one of these codes in <code>extensions.code</code>, and each warning in
<code>code</code>.</p>
<table>
<thead><tr><th scope="col">Code</th><th scope="col">Cause</th><th scope="col">What to do</th></tr></thead>
<tbody>
%s</tbody>
</table>
</body>
</html>
`
