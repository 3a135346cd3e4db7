package emulator

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"portico/emulator/odata"
)

// A batchAnswer is the response to one item, with the fault that concerns its place in the batch.
type batchAnswer struct {
	answer
	fault *Fault
}

// batch answers POST /$batch. Its status is 200 whenever the batch can be read; each item has its own.
func (e *Emulator) batch(r *http.Request, c *call, target string, entry *Request, buf *buffer) answer {
	fault := e.faults.take(Batch, target)
	if fault != nil {
		fault.delay(r.Context())
		if ans, ok := fault.answer(e, c, target, buf); ok {
			return ans
		}
	}
	in := takeBuffer()
	defer giveBuffer(in)
	items, refusal := readBatch(r, in)
	if refusal != nil {
		return refused(buf, refusal, c)
	}
	if entry != nil {
		e.log.items(entry, logged(items))
	}
	scratch := takeBuffer()
	defer giveBuffer(scratch)
	var room [maxBatch]batchAnswer
	answers := room[:len(items)]
	e.answerItems(r, c, items, answers, scratch)
	ans := answer{status: http.StatusOK, body: appendResponses(buf, items, answers)}
	for i := range answers {
		if f := answers[i].fault; f != nil && f.travels() {
			ans.wire = f
		}
	}
	if fault != nil {
		fault.spoil(&ans)
	}
	return ans
}

// logged returns the items in the form of the request log.
func logged(items []batchItem) []RequestItem {
	list := make([]RequestItem, len(items))
	for i := range items {
		list[i] = RequestItem{items[i].Method, items[i].URL}
	}
	return list
}

// answerItems answers all items in the order sent, except that an item waits for those that it depends on.
func (e *Emulator) answerItems(r *http.Request, c *call, items []batchItem, answers []batchAnswer, buf *buffer) {
	var done [maxBatch]bool
	var wait time.Duration
	for left := len(items); left > 0; {
		for i := range items {
			if ready, _ := dependenciesDone(items, i, &done); done[i] || !ready {
				continue
			}
			answers[i] = e.answerItem(c, items, i, answers, buf)
			if f := answers[i].fault; f != nil {
				wait = max(wait, f.Latency)
			}
			done[i] = true
			left--
		}
	}
	pause(r.Context(), wait) // items run in parallel: a batch takes as long as its slowest item
}

func (e *Emulator) answerItem(
	outer *call, items []batchItem, i int, answers []batchAnswer, buf *buffer,
) batchAnswer {
	it := &items[i]
	c := *outer
	c.inBatch, c.bare = true, false
	it.apply(&c)
	for _, id := range it.DependsOn {
		if answers[indexOf(items, id)].status >= http.StatusBadRequest {
			return batchAnswer{answer: refused(buf, errDependency, &c)}
		}
	}
	if c.refusal != nil {
		return batchAnswer{answer: refused(buf, c.refusal, &c)}
	}
	e.early.checkItem(&c, it.Method, it.URL)
	fault := e.faults.take(Item, it.URL)
	ans := batchAnswer{fault: fault}
	if fault != nil {
		var ok bool
		if ans.answer, ok = fault.answer(e, &c, it.URL, buf); ok {
			return ans
		}
	}
	if strings.EqualFold(it.Method, http.MethodGet) {
		c.fault = fault
		ans.answer = e.get(&c, it.URL, buf)
	} else {
		ans.answer = refused(buf, errMethod, &c)
	}
	if fault != nil {
		fault.spoil(&ans.answer)
	}
	return ans
}

// appendResponses appends the responses, out of order.
func appendResponses(buf *buffer, items []batchItem, answers []batchAnswer) []byte {
	mark := len(buf.bytes)
	dst := append(buf.bytes, `{"responses":[`...)
	before := len(dst)
	for _, i := range order(len(items)) {
		for _, place := range answers[i].fault.places(items[i].ID) {
			if len(dst) > before {
				dst = append(dst, ',')
			}
			dst = appendResponse(dst, place, &answers[i])
		}
	}
	buf.bytes = append(dst, `]}`...)
	return buf.bytes[mark:]
}

func appendResponse(dst []byte, at place, ans *batchAnswer) []byte {
	dst = append(dst, `{"id":`...)
	dst = odata.AppendString(dst, at.id)
	dst = append(dst, `,"status":`...)
	dst = ans.fault.appendStatus(dst, ans.status)
	dst = append(dst, `,"headers":`...)
	dst = appendItemHeader(dst, &ans.answer)
	body := ans.body
	if at.body != nil {
		body = at.body
	}
	dst = ans.fault.appendBody(dst, ans.contentType, body)
	return append(dst, '}')
}

const itemHeader = `{"Cache-Control":"no-store, no-cache","OData-Version":"4.0","Content-Type":"`

func appendItemHeader(dst []byte, ans *answer) []byte {
	dst = append(dst, itemHeader...)
	if ans.contentType != "" {
		dst = append(dst, ans.contentType...)
	} else {
		dst = append(dst, jsonType...)
	}
	dst = append(dst, '"')
	for _, line := range ans.header {
		dst = append(dst, ',')
		dst = odata.AppendString(dst, line.name)
		dst = append(dst, ':')
		dst = odata.AppendString(dst, line.value)
	}
	return append(dst, '}')
}

// orders holds one permutation for each size of batch: the same in every process, and never the order sent.
var orders = sync.OnceValue(func() [maxBatch + 1][]int {
	var all [maxBatch + 1][]int
	for n := range all {
		shuffle := rand.New(rand.NewPCG(20, uint64(n)))
		all[n] = shuffle.Perm(n)
		for n > 1 && all[n][0] == 0 {
			all[n] = shuffle.Perm(n)
		}
	}
	return all
})

func order(n int) []int { return orders()[n] }
