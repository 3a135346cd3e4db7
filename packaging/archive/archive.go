// Package archive writes archives that depend on their entries and one time alone: equal entries give equal bytes.
package archive

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Entry is a file in an archive. Files are 0644 unless they are programs.
type Entry struct {
	Name    string // with slashes, and without one in front
	Data    []byte
	Program bool // executable for everybody
}

func (e Entry) mode() fs.FileMode {
	if e.Program {
		return 0o755
	}
	return 0o644
}

// Tar writes the entries and the folders above them, in the order of their names, as files of root.
func Tar(w io.Writer, entries []Entry, modified time.Time) error {
	archive := tar.NewWriter(w)
	written := map[string]bool{}
	for _, entry := range sorted(entries) {
		for _, folder := range above(entry.Name) {
			if written[folder] {
				continue
			}
			written[folder] = true
			header := &tar.Header{Typeflag: tar.TypeDir, Name: folder + "/", Mode: 0o755, ModTime: modified}
			if err := archive.WriteHeader(header); err != nil {
				return fmt.Errorf("writing %s: %w", folder, err)
			}
		}
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: entry.Name, Mode: int64(entry.mode()), Size: int64(len(entry.Data)), ModTime: modified,
		}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("writing %s: %w", entry.Name, err)
		}
		if _, err := archive.Write(entry.Data); err != nil {
			return fmt.Errorf("writing %s: %w", entry.Name, err)
		}
	}
	return archive.Close()
}

// TarGz is Tar, compressed.
func TarGz(w io.Writer, entries []Entry, modified time.Time) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := Tar(compressed, entries, modified); err != nil {
		return err
	}
	return compressed.Close()
}

// Zip writes the entries, in the order of their names.
func Zip(w io.Writer, entries []Entry, modified time.Time) error {
	archive := zip.NewWriter(w)
	for _, entry := range sorted(entries) {
		header := &zip.FileHeader{Name: entry.Name, Method: zip.Deflate, Modified: modified.UTC()}
		header.SetMode(entry.mode())
		file, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("writing %s: %w", entry.Name, err)
		}
		if _, err := file.Write(entry.Data); err != nil {
			return fmt.Errorf("writing %s: %w", entry.Name, err)
		}
	}
	return archive.Close()
}

func sorted(entries []Entry) []Entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
}

// above returns the folders that a file is in, the outermost first.
func above(name string) (folders []string) {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		folders = append(folders, folder)
	}
	slices.Reverse(folders)
	return folders
}
