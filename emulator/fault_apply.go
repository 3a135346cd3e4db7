package emulator

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// answer returns what the fault puts in place of the true answer; false where the true answer is wanted.
func (f *Fault) answer(e *Emulator, c *call, target string, buf *buffer) (answer, bool) {
	var ans answer
	switch f.Effect {
	case EffectError, EffectClaimsChallenge:
		ans = refused(buf, f.refusal(c), c)
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

// spoil changes the true answer.
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

// travels reports whether the fault concerns the way of the body, not the body.
func (f *Fault) travels() bool {
	switch f.Effect {
	case EffectResetBefore, EffectResetAfterHeaders, EffectResetMidBody, EffectStall, EffectHuge:
		return true
	default:
		return false
	}
}

// onPage reports whether the fault concerns how a page of a list is made.
func (f *Fault) onPage() bool {
	return f.is(EffectNextLinkLoop) || f.is(EffectNextLinkHost) || f.is(EffectNextLinkForm) || f.is(EffectEmptyPage)
}

func (f *Fault) is(effect Effect) bool { return f != nil && f.Effect == effect }

// travel sends the answer the fault's way. It reports whether it did.
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

// writeHuge writes a JSON object of that many bytes, or until the caller has had enough.
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

// appendBody appends an item's body as the fault has it.
func (f *Fault) appendBody(dst []byte, contentType string, body []byte) []byte {
	switch {
	case f != nil && f.Effect == EffectMissingBody, len(body) == 0:
		return dst
	case f != nil && f.Effect == EffectBase64Body:
		return appendText(append(dst, `,"body":`...), base64.StdEncoding.EncodeToString(body))
	case contentType != "", f != nil && f.Effect == EffectTorn:
		return appendText(append(dst, `,"body":`...), string(body))
	default:
		return append(append(dst, `,"body":`...), body...)
	}
}

// cutAt reads "17" or "50%" as a position in a body of that length. Empty is its half.
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

// retryAfterText renders the header: as given, or a date where one is asked.
func retryAfterText(text string, now time.Time) string {
	form, offset, ok := strings.Cut(text, "+")
	d, err := time.ParseDuration(offset)
	layouts := map[string]string{"date": http.TimeFormat, "rfc850": "Monday, 02-Jan-06 15:04:05 GMT", "asctime": time.ANSIC}
	layout, known := layouts[form]
	if !ok || err != nil || !known {
		return text
	}
	return now.Add(d).UTC().Format(layout)
}

// patch replaces the value at a path in a JSON value.
func patch(value []byte, path []string, raw string) []byte {
	if len(path) == 0 {
		return []byte(raw)
	}
	switch jsontext.Value(value).Kind() {
	case '{':
		return patchObject(value, path, raw)
	case '[':
		return patchArray(value, path, raw)
	default:
		return value
	}
}

func patchObject(object []byte, path []string, raw string) []byte {
	out := []byte{'{'}
	found := false
	err := eachMember(object, func(name string, value jsontext.Value) error {
		text := []byte(value)
		if name == path[0] {
			found = true
			text = patch(text, path[1:], raw)
			if len(path) == 1 && raw == "" {
				return nil
			}
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(appendText(out, name), ':'), text...)
		return nil
	})
	switch {
	case err != nil:
		return object
	case !found && path[0] != "value":
		return patchObject(object, append([]string{"value"}, path...), raw) // as its page shows it
	}
	return append(out, '}')
}

func patchArray(array []byte, path []string, raw string) []byte {
	values := elements(array)
	out := []byte{'['}
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		if strconv.Itoa(i) == path[0] {
			v = patch(v, path[1:], raw)
		}
		out = append(out, v...)
	}
	return append(out, ']')
}
