package msgraph

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"portico/internal/sparse"
)

var errNoResponses = errors.New("the batch response has no list of responses")

var (
	errMissing = errors.New("the batch response lacks this item")
	errDoubled = errors.New("the batch response holds this item more than once")
	errBroken  = errors.New("the batch response is malformed or incomplete")
)

// batchAnswer is what came back for a batch: one item for each call, in their order, as far as it could be read, and
// why the others could not.
type batchAnswer struct {
	items   []item // nil if nothing was read
	unasked int
	failure *Error // of all calls whose item was not seen
	culprit int    // the call in whose item the answer became unreadable, -1 if unknown
}

func (b batchAnswer) seen(i int) bool { return b.items != nil && b.items[i].seen > 0 }

// outcome returns how the call at i ended.
func (b batchAnswer) outcome(i int) (out outcome) {
	if b.failure != nil && !b.seen(i) {
		own := *b.failure
		return outcome{failure: &own}
	}
	if out.body, out.failure = b.items[i].judge(); out.failure == nil {
		out.notice = b.items[i].notice()
	}
	return out
}

// fared returns how a batch fared: like most of its items, where they agree.
func (b batchAnswer) fared() fared {
	if b.failure != nil {
		return b.failure.fared()
	}
	var throttles, outages int
	for i := range b.items {
		switch b.items[i].status {
		case http.StatusTooManyRequests:
			throttles++
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			outages++
		}
	}
	switch half := len(b.items) / 2; {
	case throttles > half:
		return throttled
	case outages > half:
		return overloaded
	}
	return served
}

// readBatch reads the answer to a batch of size requests, as far as it can be read, and counts the answers that belong
// to none of them.
func readBatch(body []byte, size int) (got batchAnswer, err error) {
	got = batchAnswer{items: make([]item, size), culprit: -1}
	if !got.readUsual(body) {
		err = got.readUnusual(body)
	}
	return got, err
}

// readUsual reads an answer in the form that is documented. It returns false for any other, and for one that is not
// whole.
func (b *batchAnswer) readUsual(body []byte) bool {
	var usual responses
	if !sparse.Read(body, &usual, nil, 0) || usual.Responses == nil {
		return false
	}
	for i := range usual.Responses {
		b.place(usual.Responses[i].item())
	}
	return true
}

// responses is the answer to a batch in the form that is documented.
// https://learn.microsoft.com/graph/json-batching
type responses struct {
	Responses []response `json:"responses"`
}

type response struct {
	ID      string         `json:"id"`
	Status  *int32         `json:"status"`
	Headers jsontext.Value `json:"headers"`
	Body    jsontext.Value `json:"body"`
}

func (r *response) item() (id string, it item) {
	it.headers, it.body = r.Headers, r.Body
	if r.Status != nil {
		it.status = int(*r.Status)
	}
	return r.ID, it
}

// readUnusual reads any answer, as far as it can be read.
func (b *batchAnswer) readUnusual(body []byte) error {
	r := read(body)
	found := false
	err := r.members(func(name jsontext.Value) error {
		if string(name) != `"responses"` || r.PeekKind() != '[' {
			return r.SkipValue()
		}
		found = true
		return r.elements(func() error {
			id, it, err := r.response()
			if err != nil {
				b.culprit = position(id, len(b.items))
				return err
			}
			b.place(id, it)
			return nil
		})
	})
	if err == nil {
		err = trailing(r.Decoder)
	}
	if !found {
		err = errors.Join(errNoResponses, err)
	}
	return err
}

// position returns the index of the call that an id belongs to, -1 for none.
func position(id string, size int) int {
	number, err := strconv.Atoi(id)
	if err != nil || number < 1 || number > size || strconv.Itoa(number) != id {
		return -1
	}
	return number - 1
}

// place puts an answer where its id says.
func (b *batchAnswer) place(id string, it item) {
	at := position(id, len(b.items))
	if at < 0 {
		b.unasked++
		return
	}
	it.seen = b.items[at].seen + 1
	b.items[at] = it
}

// response reads one element of "responses". One that is not an object has no id.
func (r reader) response() (id string, it item, err error) {
	if r.PeekKind() != '{' {
		return "", it, r.SkipValue()
	}
	err = r.members(func(name jsontext.Value) error {
		value, err := r.value()
		if err != nil {
			return err
		}
		switch string(name) {
		case `"id"`:
			id = text(value)
		case `"status"`:
			it.status, _ = strconv.Atoi(text(value))
		case `"headers"`:
			it.headers = value
		case `"body"`:
			it.body = value
		}
		return nil
	})
	return id, it, err
}

// holdsItems reports whether this may be an answer to a batch.
func (a *answer) holdsItems() bool {
	a.body = unmarked(a.body)
	// 424 is documented once for a batch with a failed item.
	return (a.status/100 == 2 || a.status == http.StatusFailedDependency) && len(space(a.body)) > 0 && a.isJSON()
}

// started returns the items in an answer that was not received in whole.
func (a *answer) started(size int, now time.Time) (items []item, unasked int) {
	read, _ := readBatch(a.body, size)
	for i := range read.items {
		read.items[i].inherit(a, now)
	}
	return read.items, read.unasked
}

// batch reads the answer to a batch of size requests.
func (a *answer) batch(size int, now time.Time) (got batchAnswer) {
	if !a.holdsItems() {
		return batchAnswer{culprit: -1, failure: a.unbatched()}
	}
	got, err := readBatch(a.body, size)
	switch {
	case err == nil:
	case a.status == http.StatusFailedDependency:
		return batchAnswer{culprit: -1, failure: a.failure(Refused)}
	case errors.Is(err, errNoResponses):
		return batchAnswer{culprit: -1, failure: a.bad(errNoResponses)}
	default:
		got.failure = a.bad(fmt.Errorf("%w: %w", errBroken, badResponse(err).Err))
	}
	for i := range got.items {
		got.items[i].inherit(a, now)
	}
	return got
}

// unbatched returns why an answer holds no items.
func (a *answer) unbatched() *Error {
	_, failure := a.judge()
	switch {
	case failure == nil:
		failure = a.bad(errNoBody)
	case a.status == http.StatusNotFound:
		// There is no batching here, which says nothing about the items.
		failure.Kind = BadResponse
	}
	return failure
}
