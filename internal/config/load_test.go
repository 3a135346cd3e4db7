package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/graph/limits"
	"portico/internal/config"
)

const (
	tenant = "11111111-2222-4333-8444-555555555555"
	client = "66666666-7777-4888-9999-aaaaaaaaaaaa"
)

// environment is what a test sets; the name is the variable.
type environment map[string]string

func (e environment) entries() (all []string) {
	for name, value := range e {
		all = append(all, name+"="+value)
	}
	return all
}

// with returns a copy of e with more in it.
func (e environment) with(name, value string) environment {
	out := environment{name: value}
	for k, v := range e {
		if k != name {
			out[k] = v
		}
	}
	return out
}

// real is the least that a real cloud needs.
func real() environment {
	return environment{
		"PORTICO_CLOUD": "global", "AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": "s3cr3t-value",
	}
}

func load(t *testing.T, env environment, args ...string) (config.Config, error) {
	t.Helper()
	return config.Load(args, env.entries(), &strings.Builder{})
}

func mustLoad(t *testing.T, env environment, args ...string) config.Config {
	t.Helper()
	c, err := load(t, env, args...)
	if err != nil {
		t.Fatalf("loading: %v", err)
	}
	return c
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDefaultsRunTheEmulatorOnLoopback(t *testing.T) {
	c := mustLoad(t, nil)
	if !c.EmulatorInProcess() || !c.ShowCost.On() || !c.HostHints.On() || c.Listen != "127.0.0.1:8080" || len(c.Warnings) > 0 {
		t.Errorf("got %+v", c)
	}
	want := limits.Limits{
		Body: 256 << 10, Tokens: 2500, Fields: 250, Nodes: 5000, Depth: 12, Aliases: 60, Directives: 30, RootFields: 60,
		Errors: 20, IDs: 100, Value: 1 << 10, Response: 250_000, InFlight: 1_000_000, UpstreamRequests: 400, Deadline: 15 * time.Second, Concurrency: 256, Connections: 1000,
		CallerItems: 30000, RefusedTokens: 60,
	}
	if diff := cmp.Diff(want, c.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestFlagWinsOverVariable(t *testing.T) {
	env := environment{"PORTICO_LIMIT_DEPTH": "20", "PORTICO_LISTEN": "localhost:1"}
	c := mustLoad(t, env, "--limit-depth=9", "--host-hints", "off")
	if c.Limits.Depth != 9 || c.Listen != "localhost:1" || c.HostHints.On() {
		t.Errorf("got depth %d, listen %s, hints %s", c.Limits.Depth, c.Listen, c.HostHints)
	}
}

func TestCloudBringsAddressAuthorityAndScope(t *testing.T) {
	tests := []struct {
		cloud string
		want  config.Cloud
	}{
		{"global", config.Cloud{Name: "global", GraphURL: "https://graph.microsoft.com/v1.0", Authority: "https://login.microsoftonline.com", Scope: "https://graph.microsoft.com/.default", ThreatIntelligence: true}},
		{"usgov", config.Cloud{Name: "usgov", GraphURL: "https://graph.microsoft.us/v1.0", Authority: "https://login.microsoftonline.us", Scope: "https://graph.microsoft.us/.default"}},
		{"usgov-dod", config.Cloud{Name: "usgov-dod", GraphURL: "https://dod-graph.microsoft.us/v1.0", Authority: "https://login.microsoftonline.us", Scope: "https://dod-graph.microsoft.us/.default"}},
		{"china", config.Cloud{Name: "china", GraphURL: "https://microsoftgraph.chinacloudapi.cn/v1.0", Authority: "https://login.chinacloudapi.cn", Scope: "https://microsoftgraph.chinacloudapi.cn/.default"}},
	}
	for _, test := range tests {
		t.Run(test.cloud, func(t *testing.T) {
			c := mustLoad(t, real().with("PORTICO_CLOUD", test.cloud))
			if diff := cmp.Diff(test.want, c.Cloud); diff != "" {
				t.Errorf("cloud (-want +got):\n%s", diff)
			}
			if warned := len(c.Warnings) == 1; warned == test.want.ThreatIntelligence {
				t.Errorf("warnings: %q", c.Warnings)
			}
			if c.ShowCost.On() {
				t.Error("the cost is shown without the setting")
			}
		})
	}
}

func TestGraphURLReplacesTheCloudsAddressAlone(t *testing.T) {
	c := mustLoad(t, real().with("PORTICO_GRAPH_URL", "http://127.0.0.1:9000/v1.0/"))
	want := config.Cloud{Name: "global", GraphURL: "http://127.0.0.1:9000/v1.0", Authority: "https://login.microsoftonline.com", Scope: "https://graph.microsoft.com/.default", ThreatIntelligence: true}
	if diff := cmp.Diff(want, c.Cloud); diff != "" {
		t.Errorf("cloud (-want +got):\n%s", diff)
	}
	c = mustLoad(t, real().with("PORTICO_CLOUD", "emulator").with("PORTICO_GRAPH_URL", "https://127.0.0.1:9000/v1.0"))
	if c.Cloud.Authority != "https://127.0.0.1:9000" || c.EmulatorInProcess() {
		t.Errorf("the authority of an emulator elsewhere is %q", c.Cloud.Authority)
	}
}

func TestScopeOnBehalfOfCallersNamesThePermission(t *testing.T) {
	for cloud, want := range map[string]string{
		"emulator": "https://graph.microsoft.com/ThreatIntelligence.Read.All",
		"usgov":    "https://graph.microsoft.us/ThreatIntelligence.Read.All",
	} {
		c := mustLoad(t, real().with("PORTICO_CLOUD", cloud).with("PORTICO_IDENTITY", "obo"))
		if c.Cloud.Scope != want {
			t.Errorf("%s: scope %s, want %s", cloud, c.Cloud.Scope, want)
		}
	}
}

func TestSecretComesFromAFile(t *testing.T) {
	env := real().with("AZURE_CLIENT_SECRET", "").with("AZURE_CLIENT_SECRET_FILE", file(t, "from the file\n"))
	if got := mustLoad(t, env).ClientSecret.Reveal(); got != "from the file" {
		t.Errorf("by variable: %q", got)
	}
	c := mustLoad(t, real().with("AZURE_CLIENT_SECRET", ""), "--client-secret-file", file(t, "by flag"))
	if got := c.ClientSecret.Reveal(); got != "by flag" {
		t.Errorf("by flag: %q", got)
	}
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	env := environment{
		"PORTICO_LISTEN": "0.0.0.0", "PORTICO_CLOUD": "mars", "PORTICO_IDENTITY": "root", "PORTICO_CALLERS": "everybody",
		"PORTICO_LIMIT_TOKENS": "many", "PORTICO_LIMIT_DEADLINE": "soon", "PORTICO_LIMIT_BODY": "big", "PORTICO_SHOW_COST": "maybe",
		"PORTICO_LOG_LEVEL": "loud", "PORTICO_LOG_FORMAT": "xml", "PORTICO_LIMIT_DEPTH": "0", "PORTICO_MANAGED_IDENTITY": "perhaps",
	}
	_, err := load(t, env, "--nonsense", "word", "stray", "--limit-ids")
	for name := range env {
		if !strings.Contains(err.Error(), name+" (--") {
			t.Errorf("%s with its flag is not named", name)
		}
	}
	for _, want := range []string{"--nonsense: There is no such flag", "argument 3 is not a flag", "flag --limit-ids needs a value"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	lines := strings.Split(err.Error(), "\n")
	if want := len(env) + 3; len(lines) != want {
		t.Errorf("%d problems, want %d:\n%v", len(lines), want, err)
	}
	var problem *config.Problem
	if !errors.As(err, &problem) {
		t.Error("problems have no type")
	}
}

func TestHelpIsComplete(t *testing.T) {
	var out strings.Builder
	_, err := config.Load([]string{"--listen=nowhere", "--help"}, nil, &out)
	if !errors.Is(err, config.ErrHelp) {
		t.Fatalf("error: %v", err)
	}
	help := strings.Join(strings.Fields(out.String()), " ")
	for _, command := range []string{"portico healthcheck", "portico documents check", "0 stopped by a signal", "78 a setting"} {
		if !strings.Contains(help, command) {
			t.Errorf("help lacks %s", command)
		}
	}
	for _, s := range config.Settings() {
		for _, part := range append(s.Variables, s.Flag, s.Meaning, "default "+s.Default) {
			if !strings.Contains(help, strings.TrimSuffix(part, "default ")) {
				t.Errorf("help lacks %q", part)
			}
		}
	}
}

func TestTableHasEverySettingOnce(t *testing.T) {
	table := config.Table()
	for _, s := range config.Settings() {
		if got := strings.Count(table, "| `"+s.Variables[0]+"`"); got != 1 {
			t.Errorf("the table has %s %d times", s.Variables[0], got)
		}
		if s.Meaning == "" || s.Group == "" {
			t.Errorf("%s has no meaning or group", s.Variables[0])
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if line == "" || strings.HasPrefix(line, "### ") {
			continue
		}
		if got := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); got != 5 {
			t.Errorf("line %d has %d bars: %s", i, got, line)
		}
	}
}
