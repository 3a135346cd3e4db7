package faults_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// waiting are the packages that wait, pause, or let something expire.
var waiting = []string{
	"msgraph", "loaders", "graph", "internal/auth", "internal/callers", "internal/limiter", "internal/breaker",
	"internal/pause", "internal/quota", "internal/flight", "internal/failure", "internal/service", "internal/listen",
	"internal/redis",
}

// wallClock are the functions and methods whose result is a time by the wall clock alone.
var wallClock = []string{
	"UTC", "Local", "In", "Round", "Truncate", "Unix", "UnixMilli", "UnixMicro", "UnixNano", "ParseTime",
}

// byTheWallClock are the places that may use them: none of them decides how long something waits.
var byTheWallClock = map[string]string{
	"graph/cost.go":                "rounds a duration",
	"internal/auth/certificate.go": "writes a date into a message",
	"internal/auth/endpoint.go":    "reads Retry-After as a date, and returns how long that is from the response's own",
	"internal/auth/exchange.go":    "compares what a token says with the clock, as tokens require",
	"internal/auth/source.go":      "reads what a token says; grant.within makes it a time from now",
	"msgraph/wait.go":              "reads Retry-After as a date, which it compares with the response's own",
}

// A clock that is stepped back must not prolong a wait by an hour. Go compares two times by the monotonic clock if both
// have a reading of it, as time.Now returns it. So packages that wait use nothing that drops the reading.
func TestWaitsFollowTheMonotonicClock(t *testing.T) {
	found := map[string]bool{}
	for _, dir := range waiting {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(node ast.Node) bool {
				call, _ := node.(*ast.CallExpr)
				if call == nil {
					return true
				}
				method, _ := call.Fun.(*ast.SelectorExpr)
				if method == nil || !slices.Contains(wallClock, method.Sel.Name) {
					return true
				}
				found[name] = true
				if byTheWallClock[name] == "" {
					t.Errorf("%s uses %s, which drops the monotonic clock", set.Position(call.Pos()), method.Sel.Name)
				}
				return true
			})
		}
	}
	for name := range byTheWallClock {
		if !found[name] {
			t.Errorf("%s needs no exception any more", name)
		}
	}
}
