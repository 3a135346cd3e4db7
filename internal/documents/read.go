package documents

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A set has a bounded size: its documents stay in memory.
const (
	maxFiles = 10_000
	maxBytes = 64 << 20
)

// Read returns the documents of a file, or of all .json, .graphql and .gql files in a directory and below, in the order
// of the files' names. Names that begin with a dot are left out. The error joins all that is wrong.
func Read(path string) ([]Document, error) {
	files, err := list(path)
	if err != nil {
		return nil, err
	}
	var (
		all   []Document
		wrong []error
		size  int
	)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if size += len(data); size > maxBytes {
			return nil, fmt.Errorf("%s holds more than %d MiB", path, maxBytes>>20)
		}
		found, err := Parse(file, data)
		all, wrong = append(all, found...), append(wrong, err)
	}
	if len(all) == 0 {
		wrong = append(wrong, fmt.Errorf("%s holds no document", path))
	}
	wrong = append(wrong, conflicts(all)...)
	return all, errors.Join(wrong...)
}

// conflicts returns an error for each id that stands for two texts.
func conflicts(all []Document) (wrong []error) {
	first := map[string]Document{}
	for _, d := range all {
		other, known := first[Key(d.ID)]
		if known && other.Text != d.Text {
			wrong = append(wrong, fmt.Errorf("%s: the id %s also stands for another document in %s", d.File, d.ID, other.File))
		}
		first[Key(d.ID)] = d
	}
	return wrong
}

// list returns the files of a set.
func list(path string) (files []string, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != path && strings.HasPrefix(entry.Name(), "."): // such as the versions behind a mounted ConfigMap
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.IsDir() && slices.Contains([]string{".json", ".graphql", ".gql"}, filepath.Ext(name)):
			files = append(files, name)
		}
		if len(files) > maxFiles {
			return fmt.Errorf("%s holds more than %d files", path, maxFiles)
		}
		return nil
	})
	return files, err
}

// Version returns a text that is another one as soon as a file of the set was changed, added or removed.
func Version(path string) string {
	files, err := list(path)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
