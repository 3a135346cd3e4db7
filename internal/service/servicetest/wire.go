package servicetest

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/golden"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating says whether the flag -update asks for golden files to be written anew.
func Updating() bool { return *update }

// WantGolden compares text with a file, which -update writes anew.
func WantGolden(t testing.TB, file, got string) {
	t.Helper()
	golden.File(t, file, got, Updating(), "-update")
}

// ReadOperation reads a query whose comments at the top set it up: "# hints: off" for PORTICO_HOST_HINTS, "# accept: …"
// for the header, "# variables: {…}".
func ReadOperation(t testing.TB, text string) Operation {
	t.Helper()
	o := Operation{Query: text, Accept: "application/json"}
	for line := range strings.Lines(text) {
		setting, isComment := strings.CutPrefix(line, "# ")
		name, value, _ := strings.Cut(strings.TrimSpace(setting), ": ")
		switch {
		case !isComment:
			return o
		case name == "hints":
			o.Settings = append(o.Settings, "PORTICO_HOST_HINTS="+value)
		case name == "accept":
			o.Accept = value
		case name == "variables":
			if err := json.Unmarshal([]byte(value), &o.Variables); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

// Wire returns the requests of a reply as text, wave by wave, with the cost and the errors. It checks first that the
// response reports the requests that the emulator received since ResetLog, and no others.
func (s *Service) Wire(t testing.TB, a Reply) string {
	t.Helper()
	var reported, out []string
	for i, wave := range a.Waves() {
		if i > 0 {
			out = append(out, "then\n")
		}
		slices.Sort(wave)
		out = append(out, wave...)
		reported = append(reported, wave...)
	}
	var received []string
	for _, r := range s.Emulator.Requests() {
		var items []string
		for _, item := range r.Items {
			items = append(items, item.URL)
		}
		received = append(received, render(r.Method, r.URL, items))
	}
	slices.Sort(reported)
	slices.Sort(received)
	if diff := cmp.Diff(received, reported); diff != "" {
		t.Errorf("extensions.upstream reports other requests than the emulator received, -received +reported:\n%s", diff)
	}
	out = append(out, fmt.Sprintf("%d requests, %d items, %d waves", a.Cost.Requests, a.Cost.Items, a.Cost.Waves))
	var errors []string
	for _, e := range a.Errors {
		errors = append(errors, fmt.Sprintf("\nerror at %s: %s", PathText(e.Path), e.Extensions["code"]))
	}
	slices.Sort(errors)
	return strings.Join(append(out, errors...), "") + "\n"
}

func render(method, url string, items []string) string {
	text := method + " " + url + "\n"
	for _, item := range items {
		text += "  GET " + item + "\n"
	}
	return text
}

// RefusedBatch is how Sent shows a $batch that was refused before its items were read.
const RefusedBatch = "a batch, refused as a whole"

// Sent returns the requests to Microsoft Graph since the emulator's ResetLog, in order: "hostPorts/a" for a GET,
// "hostPorts/a + hostPorts/b" for a $batch, RefusedBatch for one that was refused as a whole.
func (s *Service) Sent() []string {
	list := []string{}
	for _, r := range s.Emulator.Requests() {
		items := []string{ShortPath(r.URL)}
		if r.Method == http.MethodPost {
			items = nil
			if len(r.Items) == 0 {
				items = []string{RefusedBatch}
			}
		}
		for _, item := range r.Items {
			items = append(items, ShortPath(item.URL))
		}
		list = append(list, strings.Join(items, " + "))
	}
	return list
}

// WantSent checks what Sent returns.
func (s *Service) WantSent(t testing.TB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.Sent()); diff != "" {
		t.Errorf("requests to Microsoft Graph, -want +got:\n%s", diff)
	}
}

// WantNothingEarly checks that no request came before the time in Retry-After had passed.
func (s *Service) WantNothingEarly(t testing.TB) {
	t.Helper()
	for _, early := range s.Emulator.EarlyRequests() {
		t.Errorf("%s %s came %v before Retry-After: %s had passed", early.Method, early.URL, early.Early, early.RetryAfter)
	}
}

// ShortPath is the path of a request below threat intelligence, without the query.
func ShortPath(url string) string {
	path, _, _ := strings.Cut(url, "?")
	return strings.TrimPrefix(path, "/security/threatIntelligence/")
}
