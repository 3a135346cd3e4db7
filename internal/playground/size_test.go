package playground_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"portico/internal/playground"
)

const (
	// The page before it had views, and how much it may be larger, in bytes as they are sent.
	firstLoadBefore = 696_819
	firstLoadGrowth = 80 * 1024
)

var loaded = regexp.MustCompile(`(?:src|href)="\./([^"]+)"`)

// The page, and what it names, is loaded before anybody has done anything. The views are not among that.
func TestTheFirstLoadStaysSmall(t *testing.T) {
	if !playground.Built() {
		t.Skip("the page is not built; build it with: make playground")
	}
	h := playground.Handler(playground.Options{Endpoint: "/graphql"})
	size := func(path string) int64 {
		res := serve(h, "GET", path, "gzip")
		if res.StatusCode != http.StatusOK || res.ContentLength <= 0 {
			t.Fatalf("%s: status %d, %d bytes", path, res.StatusCode, res.ContentLength)
		}
		return res.ContentLength
	}
	total := size("/")
	for _, file := range loaded.FindAllStringSubmatch(body(t, serve(h, "GET", "/", "gzip")), -1) {
		total += size("/" + file[1])
	}
	if limit := int64(firstLoadBefore + firstLoadGrowth); total > limit {
		t.Errorf("the first load is %d bytes, more than %d", total, limit)
	}
}

// The libraries that draw are part of the program, and so are their notices.
func TestTheLibrariesThatDrawHaveTheirNotices(t *testing.T) {
	if !playground.Built() {
		t.Skip("the page is not built; build it with: make playground")
	}
	for _, library := range []string{"cytoscape", "@observablehq/plot", "d3-scale"} {
		if !strings.Contains(playground.Licenses(), "## "+library+" - ") {
			t.Errorf("no notice of %s", library)
		}
	}
}
