package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A plan says what is measured, and for how long.
type plan struct {
	roundTime time.Duration // of one process at no latency; two fifths of it at a latency, where little varies
	rounds    int
	workers   int // connections at no latency
	only      string
	parts     string
	binary    string // Portico; empty: it is built
	results   string
	peers     string
	behind    string   // base URL of the upstream of the peers, with the version
	given     []string // flags that were set, without names of files
	environ   []string
}

// bench is one run.
type bench struct {
	plan
	scratch  string
	out      io.Writer
	findings []finding
}

// wants reports whether a workload is measured.
func (p plan) wants(workload string) bool { return p.only == "" || contains(p.only, workload) }

func (b *bench) printf(format string, values ...any) { fmt.Fprintf(b.out, format, values...) }

func contains(list, name string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(one), name) {
			return true
		}
	}
	return false
}
