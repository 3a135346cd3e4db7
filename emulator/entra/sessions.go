package entra

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// session is what a user agreed to, under an authorization code or a refresh token.
type session struct {
	user      User
	claims    string // that the application requested, as JSON
	nonce     string
	redirect  string // of the code; empty for a refresh token
	challenge string // of the code
	expires   time.Time
}

// maxSessions is how many authorization codes and refresh tokens are kept. The next one drops all others.
const maxSessions = 1000

// sessions keeps what users agreed to, by authorization code or refresh token.
type sessions struct {
	mu  sync.Mutex
	all map[string]session
}

func (s *sessions) put(key string, one session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= maxSessions {
		s.all = map[string]session{}
	}
	s.all[key] = one
}

func (s *sessions) get(key string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.all[key]
	return one, known
}

// take returns a session and forgets it.
func (s *sessions) take(key string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.all[key]
	delete(s.all, key)
	return one, known
}

// clientCapabilities is the claim with which a client announces what it can do; it needs no consent.
const clientCapabilities = "xms_cc"

// requestedClaims returns the claims of access tokens that a claims parameter requests, with their values.
// https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter
func requestedClaims(parameter string) map[string]any {
	var request struct {
		AccessToken map[string]struct {
			Value  any   `json:"value"`
			Values []any `json:"values"`
		} `json:"access_token"`
	}
	if json.Unmarshal([]byte(parameter), &request) != nil {
		return nil
	}
	claims := map[string]any{}
	for name, c := range request.AccessToken {
		switch {
		case c.Values != nil:
			claims[name] = c.Values
		case c.Value != nil:
			claims[name] = c.Value
		}
	}
	return claims
}

// grantedClaims reports whether a user who agreed to some claims can get others without another sign-in.
func grantedClaims(agreed, requested string) bool {
	have := requestedClaims(agreed)
	for name := range requestedClaims(requested) {
		if _, ok := have[name]; !ok && name != clientCapabilities {
			return false
		}
	}
	return true
}

// grantClaims puts requested claims into an access token.
func grantClaims(claims jwt.MapClaims, parameters ...string) {
	for _, parameter := range parameters {
		for name, value := range requestedClaims(parameter) {
			claims[name] = value
		}
	}
}
