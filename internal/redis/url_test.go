package redis

import (
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	for text, want := range map[string]string{ // address, user, password, database, TLS
		"redis://localhost":                           "localhost:6379   0 false",
		"redis://localhost:7000/3":                    "localhost:7000   3 false",
		"redis://:s3cret@10.0.0.1/":                   "10.0.0.1:6379  s3cret 0 false",
		"rediss://ada:s3c%2Fret@cache.example.com/1":  "cache.example.com:6379 ada s3c/ret 1 true",
		"redis://[::1]:6379":                          "[::1]:6379   0 false",
		"unix:///run/redis/redis.sock":                "/run/redis/redis.sock   0 false",
		"unix://:s3cret@/run/redis.sock?db=2":         "/run/redis.sock  s3cret 2 false",
		"http://localhost":                            "",
		"redis:localhost":                             "",
		"redis://":                                    "",
		"redis://s3cret@host:port":                    "",
		"redis://s3cret@host:0":                       "",
		"redis://s3cret@host:65536":                   "",
		"redis://one:1,two:2":                         "",
		"redis://::1:6379":                            "",
		"redis://[::1":                                "",
		"redis://localhost/one":                       "",
		"redis://localhost/-1":                        "",
		"redis://localhost/1/2":                       "",
		"rediss://:s3cret@localhost?skip_verify=true": "",
		"redis://localhost#1":                         "",
		"unix://host/run/redis.sock":                  "",
		"unix:///run/redis.sock?protocol=2":           "",
		"memory":                                      "",
		"":                                            "",
	} {
		option, err := parseURL(text)
		if want == "" {
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		words := []string{option.InitAddress[0], option.Username, option.Password, string(rune('0' + option.SelectDB)), "false"}
		if option.TLSConfig != nil {
			words[4] = "true"
			if option.TLSConfig.InsecureSkipVerify || option.TLSConfig.ServerName == "" {
				t.Errorf("%s: certificates are not verified", text)
			}
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestPlainURLsLeadToOtherMachinesWithoutTLS(t *testing.T) {
	for text, want := range map[string]bool{
		"redis://localhost": false, "redis://127.0.0.1:6379": false, "redis://[::1]": false, "unix:///run/s": false,
		"rediss://cache.example.com": false, "redis://cache.example.com": true, "redis://10.0.0.1": true,
	} {
		if IsPlain(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
