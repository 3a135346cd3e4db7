package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"portico/graph"
	"portico/graph/limits"
	"portico/msgraph"
)

// roleCosts measures what the worst request under each limit costs with the default limits: CPU time and allocations of
// the whole process, which is Portico without telemetry and an upstream that returns prepared texts.
const roleCosts = "costs"

// worst is the most expensive request that a limit permits, or one that it refuses.
type worst struct{ limit, what, query string }

// repeated writes a text n times, with its number.
func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+" ", i)
	}
	return b.String()
}

const portFields = "id nodeId port protocol status timesObserved firstSeenDateTime lastSeenDateTime lastScanDateTime "

// deep nests lists of one item.
func deep(n int) string {
	return `{ host(id: "a.example") { ` + strings.Repeat("hostPairs(first: 1) { nodes { childHost { ", n-1) +
		"firstSeenDateTime" + strings.Repeat(" } } }", n-1) + " } }"
}

// introspection asks for all types as tools do.
const introspection = `{ __schema { types { kind name description
 fields { name description args { name description type { ...T } defaultValue } type { ...T } }
 inputFields { name type { ...T } } interfaces { ...T } enumValues { name description } possibleTypes { ...T } } } }
 fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`

func worstRequests() []worst {
	hosts := func(n int, format string) string {
		return "{ hosts(ids: [" + repeated(n, format) + "]) "
	}
	const distinct, same = `"10.0.0.%d"`, `"10.0.0.1" #%d` + "\n"
	var lists string
	for _, name := range []string{"ports", "components", "cookies", "trackers"} {
		lists += name + "(first: 1) { nodes { id } } "
	}
	ports := func(format, fields string) string {
		return "{ " + repeated(60, format+" { "+fields+" }") + "} "
	}
	const aliased = `a%d: hostPort(id: "p-%[1]d")`
	return []worst{
		{"none", "one port, for comparison", `{ hostPort(id: "p-1") { port } }`},
		{"body", "256 KiB of tokens: refused", "{ " + strings.Repeat("a ", 120<<10) + "}"},
		{"tokens", "2,460 tokens: 60 ports with all scalars three times", ports(aliased, strings.Repeat(portFields, 3))},
		{
			"nodes", "4,960 fields by a fragment",
			ports(aliased, "...F") + "fragment F on HostPort { " + strings.Repeat("port ", 80) + "}",
		},
		{"fields", "250 equal fields", `{ hostPort(id: "p-1") { ` + strings.Repeat("port ", 250) + "} }"},
		{"depth", "lists four deep, each from the response to the last", deep(4)},
		{"directives", "30 directives", `{ hostPort(id: "p-1") { ` + repeated(30, "a%d: port @include(if: true)") + "} }"},
		{"root-fields", "60 ports by alias", ports(aliased, "port")},
		{"ids", "100 ports", `{ hostPorts(ids: [` + repeated(100, `"p-%d"`) + `]) { port } }`},
		{
			"value", "1,000 bytes searched for in 400 ports", `{ host(id: "10.0.0.1") { ports(where: {bannerContains: "` +
				strings.Repeat("x", 1000) + `"}) { nodes { id } } } }`,
		},
		{"upstream-requests", "400 items in 20 batches", hosts(100, distinct) + "{ " + lists + " } }"},
		{"response", "the schema, by introspection", introspection},
		{
			"response", "250,000 fields by one upstream request", hosts(100, same) + "{ ports(first: 100) { nodes { " +
				portFields + "} edges { node { " + portFields + "} } } } }",
		},
		{
			"response", "more: refused",
			hosts(100, same) + "{ " + repeated(40, "a%d: ports(first: 100) { nodes { id port } }") + " } }",
		},
	}
}

// prepared answers a GET with an entity, a list of one item or a page of 100 ports.
func prepared(target string) []byte {
	path, query, _ := strings.Cut(target, "?")
	if strings.HasSuffix(path, "/hostPairs") {
		const host = `{"id":"a.example","@odata.type":"#microsoft.graph.security.hostname"}`
		return []byte(`{"value":[{"id":"x","childHost":` + host + `}]}`)
	}
	if strings.HasSuffix(query, "$top=1") {
		return []byte(`{"value":[{"id":"x"}]}`)
	}
	if !strings.HasSuffix(path, "/ports") {
		return lookedUp(path, nil)
	}
	const port = `{"id":"p-1","port":443,"protocol":"tcp","status":"open","timesObserved":7,` +
		`"firstSeenDateTime":"2020-01-01T00:00:00Z","lastSeenDateTime":"2020-01-02T00:00:00Z",` +
		`"lastScanDateTime":"2020-01-02T00:00:00Z","banners":[{"banner":"%s"}]}`
	items := slices.Repeat([]string{fmt.Sprintf(port, strings.Repeat("x", 500))}, 100)
	return fmt.Appendf(nil, `{"value":[%s],"@odata.nextLink":"https://graph.example/v1.0%s?$skip=100"}`,
		strings.Join(items, ","), path)
}

func answerPrepared(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodGet {
		_, _ = w.Write(prepared(r.URL.RequestURI()))
		return
	}
	var batch struct {
		Requests []struct{ ID, URL string }
	}
	if json.NewDecoder(r.Body).Decode(&batch) != nil {
		return
	}
	var responses []string
	for _, one := range batch.Requests {
		responses = append(responses, fmt.Sprintf(
			`{"id":%q,"status":200,"headers":{"Content-Type":"application/json"},"body":%s}`, one.ID, prepared(one.URL)))
	}
	_, _ = io.WriteString(w, `{"responses":[`+strings.Join(responses, ",")+"]}")
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // cannot fail for this process
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measureCosts prints what each request costs: the least of several runs, since other work in the process only adds.
func measureCosts() error {
	upstream := httptest.NewServer(http.HandlerFunc(answerPrepared))
	defer upstream.Close()
	client, err := msgraph.New(upstream.URL + "/v1.0")
	if err != nil {
		return err
	}
	endpoint := graph.NewHandler(graph.Options{
		Fetch: client, Admit: client.Admit, Identity: func(context.Context) string { return "app" },
		Limits: limits.Default(), HostHints: true, Log: slog.New(slog.DiscardHandler),
	})
	_, _ = fmt.Fprintln(os.Stdout,
		"| Limit | Request | Status | CPU time | Allocated | Response |\n|---|---|---|---|---|---|")
	for _, one := range worstRequests() {
		const rounds = 10
		var w *httptest.ResponseRecorder
		cpu, allocated := time.Hour, uint64(1<<62)
		for round := range rounds {
			query := fmt.Sprintf("%s # %d", one.query, round) // so that it is parsed each time
			body, err := json.Marshal(map[string]string{"query": query})
			if err != nil {
				return err
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpuTime()
			w = httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			endpoint.ServeHTTP(w, r)
			cpu = min(cpu, cpuTime()-start)
			runtime.ReadMemStats(&after)
			allocated = min(allocated, after.TotalAlloc-before.TotalAlloc)
		}
		status := fmt.Sprint(w.Code)
		if _, rest, found := strings.Cut(w.Body.String(), `"code":"`); found {
			code, _, _ := strings.Cut(rest, `"`)
			status += " `" + code + "`"
		}
		_, _ = fmt.Fprintf(os.Stdout, "| `%s` | %s | %s | %.1f ms | %.1f MiB | %d KiB |\n", one.limit, one.what, status,
			float64(cpu.Microseconds())/1000, float64(allocated)/(1<<20), w.Body.Len()>>10)
	}
	return measureConnections(endpoint, 1000)
}

// measureConnections prints what connections cost that are open and idle after a request.
func measureConnections(endpoint http.Handler, n int) error {
	front := httptest.NewServer(endpoint)
	defer front.Close()
	held := func() uint64 {
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc + memory.StackInuse
	}
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	before := held()
	for range n {
		conn, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			return err
		}
		conns = append(conns, conn)
		const request = "GET /graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\n\r\n"
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		if _, err := io.ReadAtLeast(conn, make([]byte, 4096), 1); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(os.Stdout, "| `connections` | %d idle connections |  |  | %.1f MiB held |  |\n", n,
		float64(held()-before)/(1<<20))
	return nil
}
