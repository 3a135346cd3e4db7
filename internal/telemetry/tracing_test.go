package telemetry

import (
	"net/http"
	"strings"
	"testing"
)

// What is not a trace by the specification (https://www.w3.org/TR/trace-context/) is none here, and does no harm.
func TestWhichTraceARequestBelongsTo(t *testing.T) {
	t.Parallel()
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	const good = "00-" + id + "-" + span + "-01"
	for _, test := range []struct {
		name    string
		headers []string
		known   bool
		sampled bool
	}{
		{"none", nil, false, false},
		{"empty", []string{""}, false, false},
		{"recorded", []string{good}, true, true},
		{"not recorded", []string{"00-" + id + "-" + span + "-00"}, true, false},
		{"recorded, with a random id", []string{"00-" + id + "-" + span + "-03"}, true, true},
		{"a later version", []string{"cc-" + id + "-" + span + "-01-more"}, true, true},
		{"two headers", []string{good, strings.Replace(good, "0af", "1af", 1)}, false, false},
		{"two equal headers", []string{good, good}, false, false},
		{"two values", []string{good + "," + good}, false, false},
		{"a version that cannot be", []string{"ff-" + id + "-" + span + "-01"}, false, false},
		{"more than the version allows", []string{good + "-more"}, false, false},
		{"upper case", []string{strings.ToUpper(good)}, false, false},
		{"an id of zeros", []string{"00-" + strings.Repeat("0", 32) + "-" + span + "-01"}, false, false},
		{"a span of zeros", []string{"00-" + id + "-" + strings.Repeat("0", 16) + "-01"}, false, false},
		{"a short id", []string{"00-" + id[1:] + "-" + span + "-01"}, false, false},
		{"no hexadecimal flags", []string{"00-" + id + "-" + span + "-0x"}, false, false},
		{"a long text", []string{strings.Repeat("0", 60_000)}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Traceparent": test.headers, "Tracestate": {"vendor=" + strings.Repeat("x", 100)}}
			found := callersSpan(header)
			if found.IsValid() != test.known || found.IsSampled() != test.sampled || found.TraceState().Len() > 0 {
				t.Errorf("got %v, flags %s, state %q", found.IsValid(), found.TraceFlags(), found.TraceState())
			}
			if test.known && (found.TraceID().String() != id || found.SpanID().String() != span || !found.IsRemote()) {
				t.Errorf("got %s, %s, remote %t", found.TraceID(), found.SpanID(), found.IsRemote())
			}
		})
	}
}
