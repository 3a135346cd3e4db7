package emulator

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"portico/emulator/odata"
)

const (
	// maxBatch is the maximum number of requests in a batch.
	// https://learn.microsoft.com/graph/json-batching
	maxBatch = 20

	// maxBatchBody is the maximum size of a batch in bytes, uncompressed.
	maxBatchBody = 4 << 20
)

// A batchRequest is the body of POST /$batch.
type batchRequest struct {
	Requests []batchItem `json:"requests"`
}

type batchItem struct {
	ID        string         `json:"id"`
	Method    string         `json:"method"`
	URL       string         `json:"url"`
	Headers   jsontext.Value `json:"headers"`
	Body      jsontext.Value `json:"body"`
	DependsOn []string       `json:"dependsOn"`
}

var decompressors sync.Pool

// readBatch reads and checks the body of a batch.
func readBatch(r *http.Request, into *buffer) ([]batchItem, *odata.Error) {
	if r.Method != http.MethodPost {
		return nil, errMethod
	}
	if err := readBody(r, into); err != nil {
		if errors.Is(err, errBodyLimit) {
			return nil, errTooLarge
		}
		return nil, errBatchFormat
	}
	return parseBatch(into.bytes)
}

// readBody reads a plain or gzip body into the buffer.
func readBody(r *http.Request, into *buffer) error {
	var src io.Reader = r.Body
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		z, _ := decompressors.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		defer decompressors.Put(z)
		if err := z.Reset(r.Body); err != nil {
			return err
		}
		src = z
	}
	return into.readFrom(src, maxBatchBody)
}

// parseBatch decodes the requests of a batch. It refuses what Microsoft Graph refuses as a whole.
func parseBatch(body []byte) ([]batchItem, *odata.Error) {
	var b batchRequest
	if err := json.Unmarshal(body, &b); err != nil || len(b.Requests) == 0 {
		return nil, errBatchFormat
	}
	if len(b.Requests) > maxBatch {
		return nil, errBatchTooMany
	}
	for i := range b.Requests {
		if err := checkItem(b.Requests, i); err != nil {
			return nil, err
		}
	}
	return b.Requests, checkDependencies(b.Requests)
}

func checkItem(items []batchItem, i int) *odata.Error {
	it := &items[i]
	if it.ID == "" || it.URL == "" || it.Method == "" || isBatch(it.URL) || !it.headersValid() {
		return errBatchFormat
	}
	for j := range i {
		if strings.EqualFold(items[j].ID, it.ID) {
			return odata.BadRequest("Request Id " + it.ID + " has to be unique in a batch.")
		}
	}
	return nil
}

// headersValid reports whether headers are absent, null or an object of strings.
func (it *batchItem) headersValid() bool {
	if len(it.Headers) == 0 || it.Headers.Kind() == 'n' {
		return true
	}
	var headers map[string]string
	return json.Unmarshal(it.Headers, &headers) == nil
}

// apply reads the headers of the item that change its response.
func (it *batchItem) apply(c *call) {
	if len(it.Headers) <= len(`{}`) {
		return
	}
	var headers map[string]string
	if json.Unmarshal(it.Headers, &headers) != nil {
		return
	}
	for name, value := range headers {
		switch {
		case strings.EqualFold(name, "client-request-id") && isGUID(value):
			c.clientID = value
		case strings.EqualFold(name, "Accept"):
			c.bare = acceptsBare(value)
		}
	}
}

// indexOf returns the index of the item with that id in any letter case, or -1.
func indexOf(items []batchItem, id string) int {
	for i := range items {
		if strings.EqualFold(items[i].ID, id) {
			return i
		}
	}
	return -1
}

// checkDependencies refuses circles, and dependencies on items that do not exist.
func checkDependencies(items []batchItem) *odata.Error {
	var done [maxBatch]bool
	for left := len(items); left > 0; {
		before := left
		for i := range items {
			ready, ok := dependenciesDone(items, i, &done)
			if !ok {
				return errBatchFormat
			}
			if ready && !done[i] {
				done[i] = true
				left--
			}
		}
		if left == before {
			return errBatchFormat
		}
	}
	return nil
}

// dependenciesDone reports whether everything that item i depends on is done, and whether all of it exists.
func dependenciesDone(items []batchItem, i int, done *[maxBatch]bool) (ready, ok bool) {
	ready = true
	for _, id := range items[i].DependsOn {
		j := indexOf(items, id)
		if j < 0 {
			return false, false
		}
		ready = ready && done[j]
	}
	return ready, true
}
