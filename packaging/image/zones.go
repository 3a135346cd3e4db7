package image

import (
	"archive/zip"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"portico/packaging/archive"
)

// zones are the time zones that come with Go, where programs look for them: the variable TZ then names the log's.
func zones() (entries []archive.Entry, err error) {
	root, err := exec.CommandContext(context.Background(), "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	packed, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	for _, file := range packed.File {
		if file.FileInfo().IsDir() {
			continue
		}
		data, err := contents(file)
		if err != nil {
			return nil, err
		}
		entries = append(entries, archive.Entry{Name: "usr/share/zoneinfo/" + file.Name, Data: data})
	}
	return entries, nil
}

func contents(file *zip.File) ([]byte, error) {
	opened, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return io.ReadAll(opened)
}
