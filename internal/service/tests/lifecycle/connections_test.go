package lifecycle_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

const postHead = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

// dial opens a connection to the program and sends text, which may be no whole request.
func dial(t *testing.T, p *servicetest.Process, text string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(servicetest.Patience))
	_, _ = io.WriteString(connection, text) // the server may close before all is read
	return connection
}

// Clients that occupy every connection without sending a whole request lock nobody out.
func TestIncompleteRequestsLoseTheirConnections(t *testing.T) {
	t.Parallel()
	const whole = postHead + "Content-Length: 24\r\n\r\n" + `{"query":"{__typename}"}`
	for _, row := range []struct{ what, sent string }{
		{"connections that send nothing", ""},
		{"headers that do not end", postHead},
		{"a claimed body of which one byte arrives", postHead + "Content-Length: 262144\r\n\r\n{"},
		{"a chunked body that does not end", postHead + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := servicetest.Launch(t, "PORTICO_LIMIT_CONNECTIONS=8")
			for range 40 {
				dial(t, p, row.sent)
			}
			answer, err := http.ReadResponse(bufio.NewReader(dial(t, p, whole)), nil)
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("another caller got %v, %v", answer, err)
			}
			_ = answer.Body.Close()
		})
	}
}

// What follows a chunked request on its connection is never answered: net/http hides the length that a proxy may have
// gone by.
func TestNoSecondRequestIsSmuggledBehindAChunkedOne(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t)
	smuggled := "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n" + `{"query":"{__typename}"}`
	chunks := func(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
	for _, row := range []struct {
		what, first string
		status      int
	}{
		{"with a length", postHead + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(`{"query":"{__typename}"}`), 200},
		{"without a length", postHead + "Transfer-Encoding: chunked\r\n\r\n" + chunks(`{"query":"{__typename}"}`), 200},
		{"refused for its type", strings.Replace(postHead, "application/json", "text/plain", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunks("{}"), 415},
		{"refused for its host", strings.Replace(postHead, "localhost", "elsewhere.example", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunks("{}"), 403},
		{"to a path that takes no body", "GET /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks("x"), 200},
		{"to an unknown path", strings.Replace(postHead, "/graphql", "/nothing", 1) + "Transfer-Encoding: chunked\r\n\r\n" + chunks("{}"), 405},
	} {
		t.Run(row.what, func(t *testing.T) {
			connection := bufio.NewReader(dial(t, p, row.first+smuggled))
			answer, err := http.ReadResponse(connection, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode != row.status || !answer.Close {
				t.Errorf("status %d, the connection closes: %v", answer.StatusCode, answer.Close)
			}
			if rest, _ := io.ReadAll(connection); len(rest) != 0 {
				t.Errorf("the second request got a response: %.100q", rest)
			}
		})
	}
}

// Two callers in one request are nobody.
func TestTwoAuthorizationHeadersAreRefused(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t)
	for _, lines := range []string{
		"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "Authorization: Bearer a\r\nauthorization: Bearer a\r\n",
		"Authorization:\r\nAuthorization: Bearer a\r\n",
	} {
		request := postHead + lines + "Content-Length: 24\r\n\r\n" + `{"query":"{__typename}"}`
		answer, err := http.ReadResponse(bufio.NewReader(dial(t, p, request)), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), `"code":"BAD_REQUEST"`) {
			t.Errorf("%q: %d %s", lines, answer.StatusCode, text)
		}
	}
}
