package emulator

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer returns the response that replaces the usual one. It reports false if the usual response is needed.
func (f *Fault) answer(e *Emulator, c *call, target string, buf *buffer) (answer, bool) {
	var ans answer
	switch f.Effect {
	case EffectError, EffectClaimsChallenge:
		ans = refused(buf, f.refusal(), c)
		if f.Effect == EffectClaimsChallenge {
			ans.header = []headerLine{{"WWW-Authenticate", f.challenge(c)}}
		}
	case EffectHTML:
		ans = answer{status: f.Status, contentType: "text/html;charset=utf-8", body: []byte(webPage(f.Status))}
	case EffectBody:
		ans = answer{status: f.Status, body: []byte(f.Text)}
	case EffectRedirect:
		ans = answer{status: f.Status, header: []headerLine{{"Location", f.Text}}}
	case EffectHuge, EffectResetBefore:
		ans = answer{status: f.Status, wire: f}
	default:
		return ans, false
	}
	f.dress(&ans, c)
	if ans.status == http.StatusTooManyRequests || ans.status == http.StatusServiceUnavailable {
		e.early.promise(c, f, target, ans.header)
	}
	return ans, true
}

// dress adds the headers of the fault.
func (f *Fault) dress(ans *answer, c *call) {
	if ans.status == 0 {
		ans.status = http.StatusOK
	}
	if text := retryAfterText(f.RetryAfter, c.now); text != "" {
		ans.header = append(ans.header, headerLine{"Retry-After", text})
	}
	for name, value := range f.Header {
		ans.header = append(ans.header, headerLine{name, value})
	}
}

// spoil changes the usual response.
func (f *Fault) spoil(ans *answer) {
	switch {
	case f.Effect == EffectPatch:
		ans.body = patch(ans.body, strings.Split(f.Property, "."), f.Text)
	case f.Effect == EffectTorn:
		ans.body = ans.body[:cutAt(f.Cut, len(ans.body))]
	case f.Effect == EffectPartial:
		ans.status = http.StatusPartialContent
		ans.header = append(ans.header, headerLine{"Warning", f.Text})
	case f.travels():
		ans.wire = f
	}
	for name, value := range f.Header {
		ans.header = append(ans.header, headerLine{name, value})
	}
}

// travels reports whether the fault concerns how the body is sent, not what it is.
func (f *Fault) travels() bool {
	switch f.Effect {
	case EffectResetBefore, EffectResetAfterHeaders, EffectResetMidBody, EffectStall, EffectHuge:
		return true
	default:
		return false
	}
}

// onPage reports whether the fault concerns how a page of a list is put together.
func (f *Fault) onPage() bool {
	return f.is(EffectNextLinkLoop) || f.is(EffectNextLinkHost) || f.is(EffectNextLinkForm) || f.is(EffectEmptyPage)
}

func (f *Fault) is(effect Effect) bool { return f != nil && f.Effect == effect }

// travel sends the response with the fault. It reports whether it did.
func (f *Fault) travel(w http.ResponseWriter, r *http.Request, ans *answer) bool {
	out := http.NewResponseController(w)
	switch f.Effect {
	case EffectResetBefore:
		panic(http.ErrAbortHandler)
	case EffectResetAfterHeaders:
		w.WriteHeader(ans.status)
		_ = out.Flush()
		panic(http.ErrAbortHandler)
	case EffectResetMidBody, EffectStall:
		w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)))
		w.WriteHeader(ans.status)
		_, _ = w.Write(ans.body[:cutAt(f.Cut, len(ans.body))])
		_ = out.Flush()
		if f.Effect == EffectStall {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	case EffectHuge:
		w.WriteHeader(ans.status)
		writeHuge(w, f.Size)
		return true
	default:
		return false
	}
}

// writeHuge writes a JSON object with that many bytes, or until the caller disconnects.
func writeHuge(w http.ResponseWriter, size int64) {
	const head, tail = `{"id":"`, `"}`
	block := []byte(strings.Repeat("x", 32<<10))
	left := size - int64(len(head)+len(tail))
	_, err := w.Write([]byte(head))
	for err == nil && left > 0 {
		n := min(left, int64(len(block)))
		_, err = w.Write(block[:n])
		left -= n
	}
	_, _ = w.Write([]byte(tail))
}

// cutAt reads "17" or "50%" as a position in a body of that length. Empty is 50%.
func cutAt(cut string, length int) int {
	if cut == "" {
		cut = "50%"
	}
	percent, isPercent := strings.CutSuffix(cut, "%")
	n, err := strconv.Atoi(percent)
	switch {
	case err != nil || n < 0:
		n = 0
	case isPercent:
		n = length * n / 100
	}
	return min(n, length)
}

// retryAfterText returns the value of the header: as given, or a date if that is requested.
func retryAfterText(text string, now time.Time) string {
	form, offset, ok := strings.Cut(text, "+")
	d, err := time.ParseDuration(offset)
	layouts := map[string]string{
		"date": http.TimeFormat, "rfc850": "Monday, 02-Jan-06 15:04:05 GMT",
		"asctime": time.ANSIC,
	}
	layout, known := layouts[form]
	if !ok || err != nil || !known {
		return text
	}
	return now.Add(d).UTC().Format(layout)
}

// delay waits as long as the fault says before anything else.
func (f *Fault) delay(ctx context.Context) {
	pause(ctx, f.Latency)
	if f.Until == nil {
		return
	}
	select {
	case <-f.Until:
	case <-ctx.Done():
	}
}
