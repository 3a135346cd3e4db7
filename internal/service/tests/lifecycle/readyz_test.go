package lifecycle_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

func TestReadyzReportsTheStateOfMicrosoftGraph(t *testing.T) {
	s := servicetest.Start(t)
	s.Ask(t, `{ hostPort(id: "`+servicetest.ExampleID+`") { port } }`)
	response, err := http.Get(s.URL + "/readyz?verbose")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"ok", "upstream_limit 16", "upstream_waiting 0", "upstream_paused_identities 0", "upstream_breaker closed"} {
		if !strings.Contains("\n"+string(body), "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, body)
		}
	}
}
