package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// A document is one of the acceptance tests: what analysts and frontends ask.
type document struct {
	name, text string
	variables  map[string]any
}

// readDocuments reads the documents of a folder, with their variables.
func readDocuments(folder string) (all []document, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.graphql"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, fmt.Errorf("no documents in %s: run bench from the root of the repository", folder))
	}
	for _, file := range files {
		d := document{name: strings.TrimSuffix(filepath.Base(file), ".graphql")}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		d.text = string(text)
		variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json")
		if err == nil {
			err = json.Unmarshal(variables, &d.variables)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the defaults do
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// body returns the body of the POST.
func (d document) body() []byte { return body(d.text, d.variables) }

// narrower returns the document with every second of the fields that have no fields themselves, beginning with the
// first of each selection set.
func (d document) narrower() (document, error) {
	query, err := parser.ParseQuery(&ast.Source{Input: d.text})
	if err != nil {
		return d, err
	}
	for _, operation := range query.Operations {
		operation.SelectionSet = narrowed(operation.SelectionSet)
	}
	for _, fragment := range query.Fragments {
		fragment.SelectionSet = narrowed(fragment.SelectionSet)
	}
	var text strings.Builder
	formatter.NewFormatter(&text).FormatQueryDocument(query)
	d.text = text.String()
	return d, nil
}

// shorter returns the document with the first half of each list in its variables; false if there is none.
func (d document) shorter() (document, bool) {
	variables, found := map[string]any{}, false
	for name, value := range d.variables {
		if list, ok := value.([]any); ok {
			value, found = list[:(len(list)+1)/2], true
		}
		variables[name] = value
	}
	d.variables = variables
	return d, found
}

func narrowed(all ast.SelectionSet) (kept ast.SelectionSet) {
	leaves := 0
	for _, selection := range all {
		switch s := selection.(type) {
		case *ast.Field:
			if len(s.SelectionSet) == 0 {
				if leaves++; leaves%2 == 0 {
					continue
				}
			}
			s.SelectionSet = narrowed(s.SelectionSet)
		case *ast.InlineFragment:
			s.SelectionSet = narrowed(s.SelectionSet)
		}
		kept = append(kept, selection)
	}
	return kept
}
