package documents

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// apolloFormat and apolloVersion are what Apollo's manifests say of themselves.
const (
	apolloFormat  = "apollo-persisted-query-manifest"
	apolloVersion = 1
)

// Parse returns the documents of one file, whose form it finds out.
func Parse(file string, data []byte) (all []Document, err error) {
	text := jsontext.Value(data)
	switch {
	case text.IsValid():
		all, err = parseJSON(text)
	case filepath.Ext(file) == ".json":
		err = errors.New("the file is not valid JSON")
	default:
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		all = []Document{{ID: Hash(string(data)), Name: name, Text: string(data)}}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var wrong []error
	for i := range all {
		all[i].File = file
		wrong = append(wrong, all[i].verify())
	}
	return all, errors.Join(wrong...)
}

// parseJSON reads a manifest or a map.
func parseJSON(text jsontext.Value) ([]Document, error) {
	switch text.Kind() {
	case '[':
		return parsePairs(text)
	case '{':
		var head struct {
			Format jsontext.Value `json:"format"`
		}
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, err
		}
		if head.Format != nil {
			return parseApollo(text)
		}
		return parseMap(text)
	}
	return nil, errForm
}

var errForm = errors.New("the file must hold Apollo's manifest, a map from ids to documents, or a GraphQL document")

// parseApollo reads the manifest of @apollo/generate-persisted-query-manifest.
func parseApollo(text jsontext.Value) ([]Document, error) {
	var manifest struct {
		Format     string `json:"format"`
		Version    int    `json:"version"`
		Operations []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			Body string `json:"body"`
		} `json:"operations"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, err
	}
	if manifest.Format != apolloFormat || manifest.Version != apolloVersion {
		return nil, fmt.Errorf("the manifest has the format %q and version %d; Portico reads %s, version %d",
			manifest.Format, manifest.Version, apolloFormat, apolloVersion)
	}
	all := make([]Document, 0, len(manifest.Operations))
	for _, o := range manifest.Operations {
		all = append(all, Document{ID: o.ID, Name: o.Name, Text: o.Body})
	}
	return all, nil
}

// parseMap reads the map of Relay and of graphql-codegen, from ids to texts.
func parseMap(text jsontext.Value) ([]Document, error) {
	var texts map[string]string
	if err := json.Unmarshal(text, &texts); err != nil {
		return nil, errors.Join(errForm, err)
	}
	var all []Document
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		all = append(all, Document{ID: id, Text: texts[id]})
	}
	return all, nil
}

// parsePairs reads Relay's map in its form as a list of pairs.
func parsePairs(text jsontext.Value) ([]Document, error) {
	var pairs [][2]string
	if err := json.Unmarshal(text, &pairs); err != nil {
		return nil, errors.Join(errForm, err)
	}
	var all []Document
	for _, pair := range pairs {
		all = append(all, Document{ID: pair[0], Text: pair[1]})
	}
	return all, nil
}
