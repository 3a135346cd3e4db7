package attacks_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// Parts of what Microsoft Graph and Entra ID may quote and nobody else may see.
const (
	leakedJWT  = "eyJhbGciOiJub25lIn0.eyJsZWFrIjoibGVha2VkLWp3dCJ9.bGVhaw"
	leakedURL  = "https://leak.example/v1.0/secret?sig=leaked-signature"
	leakedHost = "leak.example"
)

// leaking is an error that quotes what it should not, in every place that an error has.
func leaking(status int, quoted string) emulator.Fault {
	everything := fmt.Sprintf("see %s or %s or Bearer leaked-opaque or %s", leakedURL, leakedJWT, quoted)
	body := fmt.Sprintf(`{"error":{"code":%[1]q,"message":%[1]q,"target":%[1]q,"details":[{"message":%[1]q}],
		"innerError":{"code":%[1]q,"message":%[1]q,"request-id":%[1]q,"date":%[1]q,"innerError":{"request-id":%[1]q}}},
		"error_description":%[1]q,"claims":%[1]q}`, everything)
	claims := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"access_token":{"acrs":{"value":%q}}}`, everything))
	fault := emulator.RawBody(status, body)
	for name, value := range map[string]string{
		"request-id": everything, "client-request-id": everything, "Retry-After": everything, "Location": leakedURL,
		"WWW-Authenticate":    fmt.Sprintf(`Bearer realm=%q, authorization_uri=%q, error="insufficient_claims", claims=%q`, quoted, leakedURL, claims),
		"X-Ms-Ags-Diagnostic": everything, "Warning": everything, "Content-Language": everything,
	} {
		fault = fault.WithHeader(name, value)
	}
	return fault
}

// wantNoLeak holds all that was answered and logged to be free of what leaking quotes.
func wantNoLeak(t *testing.T, s *servicetest.Service, quoted string) {
	t.Helper()
	for where, text := range map[string]string{"an answer": s.Received(), "the log": s.Log.String()} {
		for _, secret := range []string{leakedJWT[:12], leakedHost, "leaked-", quoted} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %q: …%s", where, secret, text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}
}

// Whatever Microsoft Graph quotes in an error, in whatever place and with whatever status, no caller and no log gets it.
func TestNothingOfAnErrorOfMicrosoftGraphLeaks(t *testing.T) {
	t.Parallel()
	statuses := []int{
		400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 415, 418, 422, 423, 424, 426, 429, 451,
		500, 501, 502, 503, 504, 505, 507, 509, 511, 599, 204, 206, 301, 302, 307,
	}
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, identity := range []string{"app", "obo", "passthrough"} {
		rows.Run(identity, func(t *testing.T) {
			statusRows := &servicetest.Group{T: t}
			defer statusRows.Wait()
			for _, status := range statuses {
				statusRows.Run(fmt.Sprint(status), func(t *testing.T) { leakOnce(t, identity, status) })
			}
		})
	}
}

// leakOnce has a GET, an item of a batch, and a batch as a whole fail with one status.
func leakOnce(t *testing.T, identity string, status int) {
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY="+identity, "PORTICO_LIMIT_DEADLINE=10s")
	ids := s.PutPorts(t, 8)
	q := servicetest.Operation{Authorization: s.Authorization(identity)}
	// A part of the caller's own token that has no form by which it could be known.
	signature := q.Authorization[strings.LastIndexByte(q.Authorization, '.')+1:]
	quoted := signature[10:40]
	for n, row := range []struct {
		kind emulator.Kind
		ids  []string
	}{{emulator.LoneGet, ids[:1]}, {emulator.Item, ids[1:6]}, {emulator.Batch, ids}} {
		s.Emulator.Fail(leaking(status, quoted).On(row.kind).Times(-1))
		q.Query = fmt.Sprint(servicetest.PortsQuery(row.ids...), "#", n)
		a := s.Send(t, q)
		if identity == "app" && status == http.StatusForbidden && row.kind == emulator.LoneGet &&
			!strings.Contains(a.Text, "Microsoft Graph denied access (HTTP 403): see [URL] or [redacted] or Bearer [redacted]") {
			t.Errorf("the words around what is removed are gone, too: %s", a.Text)
		}
		s.Emulator.ClearFaults()
	}
	wantNoLeak(t, s, quoted)
}

// The same of Entra ID's refusals, in each identity that sends it requests.
func TestNothingOfAnErrorOfEntraIDLeaks(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, identity := range []string{"app", "obo"} {
		for _, status := range []int{400, 401, 403, 404, 429, 500, 503} {
			for _, code := range []string{"invalid_client", "invalid_grant", "interaction_required", leakedJWT} {
				rows.Run(fmt.Sprint(identity, status, code[:8]), func(t *testing.T) {
					s := servicetest.StartSmall(t, "PORTICO_IDENTITY="+identity, "PORTICO_LIMIT_DEADLINE=10s")
					ids := s.PutPorts(t, 1)
					q := servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: s.Authorization(identity)}
					signature := q.Authorization[strings.LastIndexByte(q.Authorization, '.')+1:]
					quoted := signature[10:40]
					if identity == "app" {
						quoted = s.Emulator.ClientSecret() // the caller's token is not sent to Entra ID
					}
					description := fmt.Sprintf("AADSTS7000215: Invalid %s at %s for %s and %s; Bearer leaked-opaque. Trace ID: x",
						s.Emulator.ClientSecret(), leakedURL, leakedJWT, quoted)
					body := fmt.Sprintf(`{"error":%q,"error_description":%q,"error_uri":%q,"claims":%q}`, code, description, leakedURL,
						fmt.Sprintf(`{"access_token":{"acrs":{"value":%q}}}`, leakedURL+quoted))
					s.Emulator.Fail(emulator.RawBody(status, body).WithHeader("WWW-Authenticate", description).On(emulator.Token).Times(-1))
					if a := s.Send(t, q); len(a.Errors) == 0 {
						t.Errorf("no error: %s", a.Text)
					}
					s.Get(t, "/readyz")
					wantNoLeak(t, s, quoted)
				})
			}
		}
	}
}
