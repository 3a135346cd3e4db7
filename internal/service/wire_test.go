package service

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the .wire files anew from what is sent")

// TestWire holds every question in testdata/wire to the requests that it costs, which stand beside it. Comments at the
// top of a question set it up: hints, accept, variables.
func TestWire(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no questions", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".graphql")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			q := question(t, string(text))
			s := start(t, q.settings...)
			wantWire(t, strings.TrimSuffix(file, ".graphql")+".wire", wire(t, s, s.ask(t, q)))
		})
	}
}

func wantWire(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got, renew with -update:\n%s", diff)
	}
}

// wire renders what an answer cost, wave by wave, after holding it against what the emulator says that it was asked.
func wire(t *testing.T, s *running, a answered) string {
	t.Helper()
	var told, out []string
	for i, wave := range a.waves() {
		if i > 0 {
			out = append(out, "then\n")
		}
		slices.Sort(wave)
		out = append(out, wave...)
		told = append(told, wave...)
	}
	var seen []string
	for _, r := range s.upstream.emulator.Requests() {
		var items []string
		for _, item := range r.Items {
			items = append(items, item.URL)
		}
		seen = append(seen, render(r.Method, r.URL, items))
	}
	slices.Sort(told)
	slices.Sort(seen)
	if diff := cmp.Diff(seen, told); diff != "" {
		t.Errorf("extensions.upstream tells other requests than the emulator was sent, -sent +told:\n%s", diff)
	}
	out = append(out, fmt.Sprintf("%d requests, %d items, %d waves", a.cost.Requests, a.cost.Items, a.cost.Waves))
	var errors []string
	for _, e := range a.errors {
		errors = append(errors, fmt.Sprintf("\nerror at %s: %s", pathText(e.Path), e.Extensions["code"]))
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

func pathText(path []any) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}

// asking is a question with what it is asked with.
type asking struct {
	text, accept, authorization string
	variables                   map[string]any
	settings                    []string
}

func question(t *testing.T, text string) asking {
	t.Helper()
	q := asking{text: text, accept: "application/json"}
	for line := range strings.Lines(text) {
		setting, isComment := strings.CutPrefix(line, "# ")
		name, value, _ := strings.Cut(strings.TrimSpace(setting), ": ")
		switch {
		case !isComment:
			return q
		case name == "hints":
			q.settings = append(q.settings, "PORTICO_HOST_HINTS="+value)
		case name == "accept":
			q.accept = value
		case name == "variables":
			if err := json.Unmarshal([]byte(value), &q.variables); err != nil {
				t.Fatal(err)
			}
		}
	}
	return q
}
