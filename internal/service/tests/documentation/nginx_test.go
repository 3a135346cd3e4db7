package documentation_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The configuration of nginx in docs/deploy.md is what the tests run Portico behind.
func TestTheDocumentedNginxIsTheTestedOne(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	tested, err := os.ReadFile("internal/service/tests/proxies/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```nginx\nlocation / {\n(.*?)}").FindStringSubmatch(string(docs))
	if block == nil {
		t.Fatal("docs/deploy.md has no location of nginx")
	}
	directives := 0
	for line := range strings.Lines(block[1]) {
		directive, _, _ := strings.Cut(line, "#")
		directive = strings.Replace(strings.TrimSpace(directive), "portico:8080", "portico", 1)
		directives++
		if !strings.Contains(string(tested), directive+"\n") {
			t.Errorf("not tested: %s", directive)
		}
	}
	if directives < 8 {
		t.Errorf("only %d directives", directives)
	}
}
