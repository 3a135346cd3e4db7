package cache_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/cache"
	"portico/msgraph"
)

// Each lookup is counted by the level that was looked at last, and by what became of it.
func TestLookupsAreCounted(t *testing.T) {
	var counted []string
	count := func(replica string) func(*cache.Options) {
		return func(o *cache.Options) {
			o.Looked = func(path, level, result string) {
				counted = append(counted, strings.Join([]string{replica, path, level, result}, " "))
			}
		}
	}
	s := &store{kept: map[string][]byte{}}
	a, b := newWorld(t, s.join("a"), count("a")), newWorld(t, s.join("b"), count("b"))
	alone := newWorld(t, count("alone"))
	for _, w := range []*world{a, b, alone} {
		w.failures["/unknown"] = &msgraph.Error{Kind: msgraph.Refused, Status: 404, Code: "NotFound"}
	}
	const unknown = "/unknown?$select=id,x"
	for _, step := range []struct {
		name   string
		before func()
		by     *world
		url    string
		want   []string
	}{
		{"no replica has it", nil, a, hostA, []string{"a /hosts/a redis miss"}},
		{"it is in memory", nil, a, hostA, []string{"a /hosts/a memory hit"}},
		{"another replica has it", nil, b, hostA, []string{"b /hosts/a redis hit"}},
		{"a part of it is in memory", nil, b, hostA + ",z", []string{"b /hosts/a redis partial"}},
		{"it does not exist", nil, a, unknown, []string{"a /unknown redis miss"}},
		{"it is known not to exist", nil, a, unknown, []string{"a /unknown memory negative"}},
		{"another replica knows it not to exist", nil, b, unknown, []string{"b /unknown redis negative"}},
		{"Redis does not answer", func() { s.change(func() { s.away = true }) }, a, "/hosts/b?$select=id,x", []string{"a /hosts/b memory miss"}},
		{"there is no Redis", nil, alone, hostA, []string{"alone /hosts/a memory miss"}},
		{"a part without Redis", nil, alone, hostA + ",z", []string{"alone /hosts/a memory partial"}},
		{"it is old and Microsoft Graph fails", func() {
			alone.pass(23 * time.Hour)
			alone.failures[""] = &msgraph.Error{Kind: msgraph.Unavailable}
		}, alone, hostA, []string{"alone /hosts/a memory miss", "alone /hosts/a memory stale"}},
	} {
		if counted = nil; step.before != nil {
			step.before()
		}
		step.by.get(t.Context(), step.url)
		if !slices.Equal(counted, step.want) {
			t.Errorf("%s: counted %q, want %q", step.name, counted, step.want)
		}
	}
}
