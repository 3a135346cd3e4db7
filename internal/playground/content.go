package playground

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
)

// content is the gzipped text of an asset. Embedded files are read in place for each request. A copy would stay in the
// heap, and the heap may grow to a multiple of what is live.
type content struct {
	length int64
	open   func() (io.Reader, error) // reads memory, and needs no Close
}

// embedded is the content of a file.
func embedded(files fs.FS, file string) (content, error) {
	info, err := fs.Stat(files, file)
	if err != nil {
		return content{}, err
	}
	return content{info.Size(), func() (io.Reader, error) { return files.Open(file) }}, nil
}

// zip is the content of a text that is not embedded.
func zip(text []byte) content {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text) // writing to memory does not fail
	_ = w.Close()
	gzipped := out.Bytes()
	return content{int64(len(gzipped)), func() (io.Reader, error) { return bytes.NewReader(gzipped), nil }}
}

// read returns the content, packed as it is or unpacked.
func (c content) read(packed bool) (io.Reader, error) {
	text, err := c.open()
	if err != nil || packed {
		return text, err
	}
	return gzip.NewReader(text)
}
