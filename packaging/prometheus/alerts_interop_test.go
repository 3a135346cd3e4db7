//go:build interop

// Package prometheus_test runs every expression of the alerts and of the dashboard with Prometheus' own engine, against
// what running programs serve.
package prometheus_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"portico/packaging/binary/binarytest"
)

// unprovoked are alerts for what the emulator cannot cause. Their expressions have data all the same.
var unprovoked = map[string]string{
	"PorticoInternalErrors":  "an error of Portico's own",
	"PorticoFileDescriptors": "thousands of connections",
}

// A phase is a load, and the alerts that it has to cause.
type phase struct {
	name   string
	load   func(round int)
	alerts []string
}

func TestInteropEveryAlertAndPanelHasData(t *testing.T) {
	rules := readRules(t)
	binary, err := binarytest.Portico()
	if err != nil {
		t.Fatal(err)
	}
	open := start(t, binary)
	guarded := start(t, binary, "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_LIMIT_CALLER_ITEMS=100")
	redis, socket := startRedis(t)
	shared := []*program{ // of two replicas, the second finds what the first has written
		start(t, binary, "PORTICO_CACHE=unix://"+socket),
		start(t, binary, "PORTICO_CACHE=unix://"+socket, "PORTICO_CACHE_FRESH_PORTS=50ms"),
	}
	db := newHistory(t, append(shared, open, guarded)...)
	token := guarded.token()

	healthy := func(round int) {
		for n := range 5 {
			open.ask(port(10*round+n), "")
		}
		open.ask(`{ hosts(ids: ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) { firstSeenDateTime } }`, "")
		open.fail(`{"latency":"100ms","count":2}`)
		open.askAll(slices.Repeat([]string{port(10*round + 9)}, 5)...) // at the same time: they share
		guarded.ask(port(0), token)
		guarded.ask(port(0), "")
		open.fail("")
		for _, replica := range shared {
			for range 2 {
				replica.ask(port(0), "")
			}
			replica.ask(`{ host(id: "192.0.2.250") { firstSeenDateTime } }`, "")
		}
		shared[1].askUntilStale(port(0))
	}
	faulty := func(fault string, queries int) func(int) {
		return func(round int) {
			open.fail(fault)
			for n := range queries {
				open.ask(port(1000+100*round+n), "")
			}
			open.fail("")
		}
	}
	for _, p := range []phase{
		{"healthy", healthy, nil},
		{"callers who make mistakes", func(int) {
			for range 20 {
				open.ask(`{ host(id: "192.0.2.1/24") { id firstSeenDateTime } }`, "")
			}
		}, nil},
		{"slow", func(round int) {
			open.fail(`{"latency":"5500ms","count":-1}`)
			var queries []string
			for n := range 10 {
				queries = append(queries, port(5000+100*round+n))
			}
			open.askAll(queries...)
			open.fail("")
		}, []string{"PorticoSlow"}},
		{"no permission", faulty(`{"status":403,"count":-1}`, 5), []string{"PorticoNoAccess", "PorticoOperationsFail"}},
		{"an option is refused", faulty(`{"status":400,"code":"BadRequest","message":"Query option 'select' is not allowed.","count":1}`, 2), []string{"PorticoOptionRefused"}},
		{"callers who are not let in", func(int) {
			for range 200 {
				guarded.ask(port(0), "hostile")
			}
		}, []string{"PorticoCallersRefused"}},
		{"a quota that is used up", func(round int) {
			for n := range 60 {
				guarded.ask(port(100*round+n), token)
			}
		}, []string{"PorticoOverloaded"}},
		{"no keys", func(round int) {
			if round == 0 { // it retries ever more slowly
				db.programs = append(db.programs, start(t, binary, "PORTICO_CALLERS=oidc", "PORTICO_OIDC_ISSUER=http://127.0.0.1:1", "PORTICO_OIDC_AUDIENCES=portico"))
			}
			db.programs[len(db.programs)-1].ask(port(0), "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImEifQ.e30.c2ln")
			time.Sleep(time.Second)
		}, []string{"PorticoNoSigningKeys", "PorticoServerErrors"}},
		{"no token", func(round int) {
			if round == 0 { // a tenant whose sign-in cannot be reached: nothing listens where the proxy is
				db.programs = append(db.programs, start(t, binary, "PORTICO_CLOUD=global", "HTTPS_PROXY=http://127.0.0.1:1",
					"AZURE_TENANT_ID=11111111-2222-4333-8444-555555555555", "AZURE_CLIENT_ID=66666666-7777-4888-8999-000000000000", "AZURE_CLIENT_SECRET=expired"))
			}
			db.programs[len(db.programs)-1].probe()
		}, []string{"PorticoUpstreamFails"}},
		{"requests that succeed the second time", func(round int) {
			for n := range 5 {
				open.fail(`{"status":429,"retryAfter":"0.05","count":1}`)
				open.ask(port(2000+100*round+n), "")
			}
		}, []string{"PorticoRetries"}},
		{"an outage", faulty(`{"status":503,"count":-1}`, 15), []string{"PorticoBreakerOpen"}},
		{"throttling", func(round int) {
			time.Sleep(6 * time.Second / time.Duration(1+5*round)) // until the breaker closes
			open.fail(`{"status":429,"retryAfter":"2","count":1}`)
			go open.ask(port(9000+round), "") // it waits for the end of the pause
			time.Sleep(300 * time.Millisecond)
		}, []string{"PorticoThrottled"}},
		{"Redis is away", func(round int) {
			if round == 0 {
				_ = redis.Kill()
			}
			for _, replica := range shared {
				replica.ask(fmt.Sprintf(`{ host(id: "198.51.100.%d") { firstSeenDateTime } }`, round), "")
			}
		}, []string{"PorticoRedisAway"}},
		{"healthy again", healthy, []string{}},
	} {
		t.Run(p.name, func(t *testing.T) { db.during(t, rules, p) })
	}
	t.Run("the dashboard", func(t *testing.T) {
		for _, target := range readDashboard(t) {
			if n := db.query(t, target.expr); n == 0 {
				t.Errorf("%s: no data for %s", target.panel, target.expr)
			}
		}
	})
	t.Run("data without thresholds", func(t *testing.T) {
		for _, rule := range rules {
			if n := db.query(t, withoutThreshold(t, rule.Expr)); n == 0 {
				t.Errorf("%s: no data for %s", rule.Alert, rule.Expr)
			}
		}
	})
	nothing := func(int) {}
	open.stop()
	t.Run("a program that ended", func(t *testing.T) {
		db.during(t, rules, phase{load: nothing, alerts: []string{"PorticoDown"}})
	})
	if db.fired["PorticoMissing"] {
		t.Error("PorticoMissing fires although Prometheus has targets")
	}
	db.programs = nil
	t.Run("service discovery that finds no target", func(t *testing.T) {
		if firing := db.during(t, rules, phase{load: nothing, alerts: []string{"PorticoMissing"}}); len(firing) != 1 {
			t.Errorf("without a target, %v fire", firing)
		}
	})
	for _, rule := range rules {
		if db.fired[rule.Alert] == (unprovoked[rule.Alert] != "") {
			t.Errorf("%s fired: %v", rule.Alert, db.fired[rule.Alert])
		}
	}
}

// during scrapes while there is a load, until the alerts of the phase fire, and returns those that fire then. A phase
// without a list of alerts has no faults, so that none may. What earlier phases did is out of sight, but for what lasts.
func (h *history) during(t *testing.T, rules []rulefmt.Rule, p phase) (firing []string) {
	t.Helper()
	h.now = h.now.Add(20 * time.Minute)
	for round := range 8 {
		h.scrape(t)
		p.load(round)
		h.now = h.now.Add(15 * time.Second)
		h.scrape(t)
		firing = nil
		for _, rule := range rules {
			if h.query(t, rule.Expr) > 0 {
				firing = append(firing, rule.Alert)
				h.fired[rule.Alert] = true
			}
		}
		missing := slices.DeleteFunc(slices.Clone(p.alerts), func(a string) bool { return slices.Contains(firing, a) })
		if round >= 2 && len(missing) == 0 {
			break
		}
	}
	for _, alert := range p.alerts {
		if !slices.Contains(firing, alert) {
			t.Errorf("%s does not fire", alert)
		}
	}
	if p.alerts == nil && len(firing) > 0 {
		t.Errorf("without a fault, %v fire", firing)
	}
	return firing
}

func readRules(t *testing.T) (rules []rulefmt.Rule) {
	t.Helper()
	text, err := os.ReadFile("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	groups, problems := rulefmt.Parse(text, false, model.LegacyValidation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, problem := range problems {
		t.Error(problem)
	}
	for _, group := range groups.Groups {
		rules = append(rules, group.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("no rules")
	}
	return rules
}

// withoutThreshold returns what an alert compares with its threshold, or whose absence it reports.
func withoutThreshold(t *testing.T, expr string) string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Fatal(err)
	}
	if call, ok := parsed.(*parser.Call); ok && call.Func.Name == "absent" {
		return call.Args[0].String()
	}
	comparison, ok := parsed.(*parser.BinaryExpr)
	if !ok || !comparison.Op.IsComparisonOperator() {
		t.Fatalf("%s compares nothing", expr)
	}
	return comparison.LHS.String()
}

type target struct{ panel, expr string }

// readDashboard returns the expressions of the dashboard with its variables put in as Grafana does for All.
func readDashboard(t *testing.T) (targets []target) {
	t.Helper()
	text, err := os.ReadFile("../grafana/portico.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Name string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	values := strings.NewReplacer("$__rate_interval", "5m", "$job", ".*", "$instance", ".*")
	for _, panel := range dashboard.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, one := range panel.Targets {
			expr := values.Replace(one.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("%s: an unknown variable in %s", panel.Title, expr)
			}
			targets = append(targets, target{panel.Title, expr})
		}
	}
	if len(targets) < 20 {
		t.Fatalf("only %d expressions", len(targets))
	}
	return targets
}

// The documentation says of each alert what to do, and of no other.
func TestEachAlertIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, alerts []string
	for _, found := range regexp.MustCompile("(?m)^\\| `(Portico[A-Za-z]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, found[1])
	}
	for _, rule := range readRules(t) {
		alerts = append(alerts, rule.Alert)
		if rule.Annotations["summary"] == "" || rule.Labels["severity"] == "" {
			t.Errorf("%s has no summary or no severity", rule.Alert)
		}
	}
	slices.Sort(documented)
	slices.Sort(alerts)
	if !slices.Equal(documented, alerts) {
		t.Errorf("documented %v, alerts %v", documented, alerts)
	}
}
