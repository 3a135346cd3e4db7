//go:build interop

package proxies_test

import (
	"bufio"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

const (
	jsonType = "Content-Type: application/json"
	origin   = "Origin: https://app.example.com"
)

// guarded is a service that authenticates callers, behind nginx.
func guarded(t *testing.T, settings ...string) (*servicetest.Service, *nginx, string) {
	t.Helper()
	s := servicetest.StartSmall(t, append([]string{
		"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_TRUSTED_PROXIES=127.0.0.2",
		"PORTICO_ALLOWED_ORIGINS=https://app.example.com", "PORTICO_LIMIT_REFUSED_TOKENS=5",
	}, settings...)...)
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	return s, startNginx(t, s), "Authorization: Bearer " + s.Emulator.UserToken("ada")
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func unzip(t *testing.T, packed string) string {
	t.Helper()
	plain, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// A caller cannot pass for another one by headers that a proxy sets: not by those that nginx replaces, and not by those that
// it appends to or does not know.
func TestInteropSmuggledHeadersChangeNothing(t *testing.T) {
	_, n, token := guarded(t)
	query := servicetest.Body("{ __typename }")
	for _, header := range []string{
		"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "X-Real-Ip: 192.0.2.1",
		"Forwarded: for=192.0.2.1;host=evil.example", "X_forwarded_for: 192.0.2.1", "X-Forwarded-Port: 1",
	} {
		name, _, _ := strings.Cut(header, ": ")
		if got := text(t, n.send(t, http.MethodPost, "/graphql", query, jsonType, token, header)); !strings.Contains(got, `"Query"`) {
			t.Errorf("with %s: %s", name, got)
		}
		response := n.send(t, http.MethodPost, "/graphql", query, jsonType, header)
		_ = response.Body.Close()
		want := `resource_metadata="https://` + strings.Split(strings.TrimPrefix(n.URL, "https://"), ":")[0] + `/.well-known/`
		if got := response.Header.Get("WWW-Authenticate"); response.StatusCode != http.StatusUnauthorized || !strings.Contains(got, want) {
			t.Errorf("with %s, without a token: %d %s", name, response.StatusCode, got)
		}
	}
	// Refused tokens are counted by the address that nginx saw, whatever the client says.
	for _, path := range []string{"/graphql", "/appending/graphql"} {
		refused := 0
		for i := range 10 {
			response := n.send(t, http.MethodPost, path, query, jsonType, "Authorization: Bearer forged", fmt.Sprintf("X-Forwarded-For: 192.0.2.%d", i))
			_ = response.Body.Close()
			if response.StatusCode == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused < 5 {
			t.Errorf("%s: %d of 10 forged tokens with invented addresses got 429", path, refused)
		}
	}
	if got := text(t, n.send(t, http.MethodPost, "/graphql", query, jsonType, token)); !strings.Contains(got, `"Query"`) {
		t.Errorf("a good token after that: %s", got)
	}
}

// Requests that two servers could read differently are refused.
func TestInteropRequestsWithTwoMeaningsAreRefused(t *testing.T) {
	s, n, token := guarded(t)
	const body = `{"query":"{ __typename }"}`
	for what, head := range map[string]string{
		"two tokens":               token + "\r\n" + token + "\r\nContent-Length: 26",
		"two lengths":              token + "\r\nContent-Length: 26\r\nContent-Length: 27",
		"a length and chunks":      token + "\r\nContent-Length: 26\r\nTransfer-Encoding: chunked",
		"chunks in disguise":       token + "\r\nTransfer-Encoding: xchunked",
		"a space before the colon": strings.Replace(token, ":", " :", 1) + "\r\nContent-Length: 26",
		"a token on two lines":     strings.Replace(token, ": ", ":\r\n ", 1) + "\r\nContent-Length: 26",
		"another host":             token + "\r\nContent-Length: 26\r\nHost: evil.example",
	} {
		address := strings.TrimPrefix(n.URL, "https://")
		connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: n.roots, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(connection, "POST /graphql HTTP/1.1\r\nHost: %s\r\n%s\r\nConnection: close\r\n%s\r\n\r\n%s", address, jsonType, head, body)
		if err != nil {
			t.Fatal(err)
		}
		_ = connection.SetReadDeadline(time.Now().Add(time.Minute))
		status, _ := bufio.NewReader(connection).ReadString('\n')
		_ = connection.Close()
		if !strings.Contains(status, " 400 ") && !strings.Contains(status, " 401 ") && !strings.Contains(status, " 501 ") {
			t.Errorf("%s: %q", what, status)
		}
	}
	if strings.Contains(s.Log.String(), "operation=") && strings.Contains(s.Log.String(), "status=200 ") {
		t.Errorf("one was executed:\n%s", s.Log)
	}
}

func TestInteropCORSPassesThroughAProxy(t *testing.T) {
	_, n, token := guarded(t)
	preflight := n.send(t, http.MethodOptions, "/graphql", nil, origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type")
	_ = preflight.Body.Close()
	response := n.send(t, http.MethodPost, "/graphql", servicetest.Body("{ __typename }"), jsonType, token, origin, "Sec-Fetch-Site: cross-site")
	if got := text(t, response); preflight.StatusCode != http.StatusNoContent || !strings.Contains(got, `"Query"`) {
		t.Errorf("preflight %d, response %s", preflight.StatusCode, got)
	}
	for what, header := range map[string]http.Header{"preflight": preflight.Header, "response": response.Header} {
		if got := header["Access-Control-Allow-Origin"]; len(got) != 1 || got[0] != "https://app.example.com" {
			t.Errorf("%s: Access-Control-Allow-Origin %q", what, got)
		}
	}
	other := n.send(t, http.MethodPost, "/graphql", servicetest.Body("{ __typename }"), jsonType, token, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site")
	if got := text(t, other); other.StatusCode != http.StatusForbidden || !strings.Contains(got, "CSRF") {
		t.Errorf("another origin: %d %s", other.StatusCode, got)
	}
}

// The first part is there while Microsoft Graph has not answered for the second.
func TestInteropPartsPassThroughAProxyAtOnce(t *testing.T) {
	s, n, token := guarded(t, "PORTICO_LIMIT_DEADLINE=50s")
	s.Emulator.Fail(emulator.Fault{Kind: emulator.AnyResource, Match: "/hosts/", Latency: 10 * time.Minute})
	query := `{ hostPort(id: "` + servicetest.ExampleID + `") { port ... @defer { host { firstSeenDateTime } } } }`
	response := n.send(t, http.MethodPost, "/graphql", servicetest.Body(query), jsonType, token, "Accept: multipart/mixed; deferSpec=20220824")
	defer response.Body.Close()
	var first strings.Builder
	for lines := bufio.NewReader(response.Body); !strings.Contains(first.String(), `"hasNext":true`); {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %s", err, &first)
		}
		first.WriteString(line)
	}
	if !strings.Contains(first.String(), `"port":21`) || response.ProtoMajor != 2 {
		t.Errorf("%s: %s", response.Proto, &first)
	}
	servicetest.Eventually(t, "the second part is under way, and not answered", func() bool {
		for _, r := range s.Emulator.Requests() {
			if strings.Contains(r.URL, "/hosts/") && r.Status == 0 {
				return true
			}
		}
		return false
	})
}

// Megabytes arrive complete, compressed or not, and a body that is too long is refused by whoever sees that first.
func TestInteropLargeResponsesPassThroughAProxy(t *testing.T) {
	s, n, token := guarded(t)
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = fmt.Sprintf("large-%d", i)
		encoded, err := json.Marshal(map[string]any{"id": ids[i], "port": i, "banners": []any{map[string]string{"banner": strings.Repeat(ids[i]+" ", 8<<10)}}})
		if err != nil {
			t.Fatal(err)
		}
		s.Put(t, "hostPorts", string(encoded))
	}
	list, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	query := servicetest.Body(`{ hostPorts(ids: ` + string(list) + `) { port banners { banner } } }`)
	for _, coding := range []string{"identity", "gzip"} {
		response := n.send(t, http.MethodPost, "/graphql", query, jsonType, token, "Accept-Encoding: "+coding)
		whole := text(t, response)
		if coding == "gzip" {
			whole = unzip(t, whole)
		}
		var got struct {
			Data struct {
				HostPorts []struct{ Banners []struct{ Banner string } }
			}
			Errors []any
		}
		if err := json.Unmarshal([]byte(whole), &got); err != nil || len(got.Errors) > 0 || len(got.Data.HostPorts) != len(ids) {
			t.Fatalf("%s: %d bytes, %d ports, %v %v", coding, len(whole), len(got.Data.HostPorts), err, got.Errors)
		}
		for i, port := range got.Data.HostPorts {
			if len(port.Banners) != 1 || port.Banners[0].Banner != strings.Repeat(ids[i]+" ", 8<<10) {
				t.Fatalf("%s: the banner of %s is another one", coding, ids[i])
			}
		}
		if len(whole) < 3<<20 {
			t.Errorf("%s: only %d bytes", coding, len(whole))
		}
	}
	tooLong := n.send(t, http.MethodPost, "/graphql", servicetest.Body("{ __typename } #"+strings.Repeat("x", 300<<10)), jsonType, token)
	_ = tooLong.Body.Close()
	if tooLong.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too long: %d", tooLong.StatusCode)
	}
}
