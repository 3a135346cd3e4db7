package loopback_test

import (
	"testing"

	"portico/internal/loopback"
)

func TestIs(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.255.0.9": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "localhost.example": false, "127.0.0.1.example": false,
		"2001:db8::1": false, "127.1": false, "::ffff:10.0.0.1": false,
	} {
		if got := loopback.Is(host); got != want {
			t.Errorf("%q: got %t", host, got)
		}
	}
}
