package config_test

import (
	"strings"
	"testing"
)

func TestRulesForTheCache(t *testing.T) {
	const key = "a key of at least 32 characters, or more"
	for _, test := range []struct {
		name string
		env  environment
		want string // part of the only problem, or of the only warning; empty if there is none
	}{
		{"memory", environment{"PORTICO_CACHE": "memory"}, ""},
		{"off", environment{"PORTICO_CACHE": "off"}, ""},
		{"a Redis on this machine", environment{"PORTICO_CACHE": "redis://127.0.0.1:6379"}, ""},
		{"a Redis on a Unix socket", environment{"PORTICO_CACHE": "unix:///run/redis.sock"}, ""},
		{"a Redis with TLS", environment{"PORTICO_CACHE": "rediss://cache.example.com"}, ""},
		{"a Redis with a key", environment{"PORTICO_CACHE": "redis://cache.example.com", "PORTICO_CACHE_KEY": key}, ""},
		{"a Redis elsewhere in plain text", environment{"PORTICO_CACHE": "redis://cache.example.com"}, "without TLS"},
		{"a word", environment{"PORTICO_CACHE": "redis"}, "PORTICO_CACHE (--cache): must be memory, off, or the URL of a Redis"},
		{"another protocol", environment{"PORTICO_CACHE": "memcached://localhost"}, "must be memory, off, or the URL of a Redis"},
		{"options of a library", environment{"PORTICO_CACHE": "rediss://localhost?skip_verify=true"}, "must be memory, off, or the URL of a Redis"},
		{"a short key", environment{"PORTICO_CACHE": "redis://localhost", "PORTICO_CACHE_KEY": "short"}, "PORTICO_CACHE_KEY (--cache-key-file): must have 32 characters or more"},
		{"an old key alone", environment{"PORTICO_CACHE": "redis://localhost", "PORTICO_CACHE_KEY_OLD": key}, "PORTICO_CACHE_KEY_OLD is set: it encrypts new values"},
		{"a key without a Redis", environment{"PORTICO_CACHE": "memory", "PORTICO_CACHE_KEY": key}, "PORTICO_CACHE_KEY will not be used: PORTICO_CACHE is memory"},
		{"a password without a Redis", environment{"PORTICO_CACHE_PASSWORD": "x"}, "PORTICO_CACHE_PASSWORD will not be used: PORTICO_CACHE is off"},
		{"no time to answer", environment{"PORTICO_CACHE_TIMEOUT": "0s"}, "PORTICO_CACHE_TIMEOUT (--cache-timeout): must be between 1ms and 1m"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(t, test.env)
			said := strings.Join(c.Warnings, "\n")
			if err != nil {
				said = err.Error()
			}
			if test.want == "" && said != "" || !strings.Contains(said, test.want) || strings.Contains(said, "\n") {
				t.Errorf("got %q, want only %q", said, test.want)
			}
		})
	}
}
