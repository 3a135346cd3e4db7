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
)

const (
	// maxBatch is the number of requests that a batch may hold.
	// https://learn.microsoft.com/graph/json-batching
	maxBatch = 20

	// maxBatchBody is the size of a batch in bytes, unpacked, beyond which it is refused.
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
func readBatch(r *http.Request, into *buffer) ([]batchItem, *graphError) {
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

var errBodyLimit = errors.New("body too large")

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

// readFrom reads src to its end, at most limit bytes.
func (b *buffer) readFrom(src io.Reader, limit int) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = append(b.bytes, 0)[:len(b.bytes)]
		}
		n, err := src.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case len(b.bytes) > limit:
			return errBodyLimit
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// parseBatch decodes the requests of a batch, and refuses it where Microsoft Graph refuses it as a whole.
func parseBatch(body []byte) ([]batchItem, *graphError) {
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

func checkItem(items []batchItem, i int) *graphError {
	it := &items[i]
	if it.ID == "" || it.URL == "" || it.Method == "" || isBatch(it.URL) || !it.headersValid() {
		return errBatchFormat
	}
	for j := range i {
		if strings.EqualFold(items[j].ID, it.ID) {
			return badRequest("Request Id " + it.ID + " has to be unique in a batch.")
		}
	}
	return nil
}

// headersValid reports whether headers are absent, null or an object of texts.
func (it *batchItem) headersValid() bool {
	if len(it.Headers) == 0 || it.Headers.Kind() == 'n' {
		return true
	}
	var headers map[string]string
	return json.Unmarshal(it.Headers, &headers) == nil
}

// clientRequestID returns the item's own client-request-id, if it is a GUID.
func (it *batchItem) clientRequestID() string {
	if len(it.Headers) <= len(`{}`) {
		return ""
	}
	var headers map[string]string
	if json.Unmarshal(it.Headers, &headers) != nil {
		return ""
	}
	for name, value := range headers {
		if strings.EqualFold(name, "client-request-id") && isGUID(value) {
			return value
		}
	}
	return ""
}

// indexOf returns where the item with that id stands, or -1. Ids are compared without case.
func indexOf(items []batchItem, id string) int {
	for i := range items {
		if strings.EqualFold(items[i].ID, id) {
			return i
		}
	}
	return -1
}

// checkDependencies refuses dependencies on items that do not exist, and circles.
func checkDependencies(items []batchItem) *graphError {
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

// dependenciesDone reports whether all that item i depends on is done, and whether all of it exists.
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
