package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"portico/graph/limits"
	"portico/internal/config"
)

// holder keeps a configuration where fmt cannot call its methods.
type holder struct{ inner config.Config }

func TestPrintingRevealsNoSecret(t *testing.T) {
	const secret, password, redis = "s3cr3t-value", "pa55w0rd-value", "r3d15-value"
	env := real().with("AZURE_CLIENT_SECRET", "").with("AZURE_CLIENT_SECRET_FILE", file(t, secret)).
		with("AZURE_CLIENT_CERTIFICATE_PASSWORD", password).with("PORTICO_CACHE", "redis://ada:"+redis+"@host:port")
	_, err := load(t, env, "--client-secret="+secret, secret)
	printed := []string{err.Error(), fmt.Sprintf("%v %+v %#v", err, err, err)}

	_, err = load(t, real().with("AZURE_CLIENT_SECRET", "").with("AZURE_CLIENT_SECRET_FILE", secret))
	printed = append(printed, err.Error())

	c := mustLoad(t, real().with("PORTICO_CACHE", "rediss://ada:"+redis+"@cache.example.com").with("PORTICO_CACHE_KEY", strings.Repeat(secret, 3)))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{c, &c, c.ClientSecret, &c.ClientSecret, holder{c}, &holder{c}, []any{c}} {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "secret", c.ClientSecret)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "secret", c.ClientSecret)
	printed = append(printed, string(text), log.String(), c.ClientSecret.String())

	for _, out := range printed {
		for _, part := range []string{secret, password, redis, fmt.Sprintf("%x", secret)} {
			if strings.Contains(out, part) {
				t.Errorf("%q stands in %s", part, out)
			}
		}
	}
	if c.ClientSecret.Reveal() != secret || !strings.Contains(c.CacheIn.URL(), redis) {
		t.Error("the secret is lost")
	}
}

func TestValues(t *testing.T) {
	tests := []struct {
		name, variable, value string
		refused               bool
	}{
		{"a size in KiB", "PORTICO_LIMIT_BODY", "512KiB", false},
		{"a size in MiB", "PORTICO_LIMIT_BODY", "2MiB", false},
		{"a size in bytes", "PORTICO_LIMIT_BODY", "65536", false},
		{"a size that is not whole", "PORTICO_LIMIT_BODY", "1.5MiB", true},
		{"a size above all reason", "PORTICO_LIMIT_BODY", "1000MiB", true},
		{"a negative size", "PORTICO_LIMIT_BODY", "-1", true},
		{"a switch by another word", "PORTICO_SHOW_COST", "TRUE", false},
		{"a switch that cannot be left to us", "PORTICO_HOST_HINTS", "auto", true},
		{"a duration without a unit", "PORTICO_LIMIT_DEADLINE", "15", true},
		{"a negative latency", "PORTICO_EMULATOR_LATENCY", "-1s", true},
		{"no request in flight", "PORTICO_LIMIT_CONCURRENCY", "0", true},
		{"a world of the published examples alone", "PORTICO_EMULATOR_SIZE", "0", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, environment{test.variable: test.value})
			if (err != nil) != test.refused {
				t.Errorf("error: %v", err)
			}
		})
	}
	for size, want := range map[limits.Bytes]string{0: "0", 1000: "1000", 256 << 10: "256KiB", 3 << 20: "3MiB"} {
		if got := size.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// An error repeats the value, so that a typing error is seen at once.
func TestWhatIsSaidOfValuesThatCannotBeRead(t *testing.T) {
	for variable, test := range map[string][2]string{
		"PORTICO_CACHE_FRESH_WHOIS":   {"1 hour", `must be a duration such as 15s or 1m30s (got "1 hour")`},
		"PORTICO_CACHE_SIZE":          {"64MB", `must be a size such as 256KiB, 1MiB or 65536 (got "64MB")`},
		"PORTICO_LIMIT_IDS":           {"1e3", `must be a whole number (got "1e3")`},
		"PORTICO_TRUST_TRACE_FLAG":    {"maybe", `must be on or off (got "maybe")`},
		"PORTICO_LIMIT_CALLER_ITEMS":  {"0", "(got 0)"},
		"PORTICO_CACHE_TIMEOUT":       {"0s", "(got 0s)"},
		"PORTICO_CACHE_STALE_HOSTS":   {"721h", "(got 721h0m0s)"},
		"OTEL_METRIC_EXPORT_INTERVAL": {"1m", `(got "1m")`},
	} {
		if _, err := load(t, environment{variable: test[0]}); !strings.Contains(text(err), test[1]) {
			t.Errorf("%s=%s: got %v, want %s", variable, test[0], err, test[1])
		}
	}
}
