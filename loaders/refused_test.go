package loaders_test

import (
	"log/slog"
	"path"
	"strings"
	"testing"

	"portico/loaders"
	"portico/msgraph"
)

func TestARefusedOptionIsSentOnce(t *testing.T) {
	refused := func(option string) error {
		return &msgraph.Error{Kind: msgraph.Refused, Status: 400, Message: "Query option '" + option + "' is not allowed."}
	}
	var log strings.Builder
	known := loaders.NewRefused(slog.New(slog.NewTextHandler(&log, nil)), path.Dir, nil)
	u := &upstream{errs: map[string]error{
		"/security/ti/hosts/a?$select=id,name": refused("Select"),
		"/security/ti/hosts/b?$select=id,name": refused("Select"),
		"/security/ti/pairs/a?$select=id,name": &msgraph.Error{Kind: msgraph.Refused, Status: 400, Message: "no such property"},
	}}
	for _, path := range []string{"security/ti/hosts/a", "security/ti/hosts/b", "security/ti/pairs/a"} {
		_, _, err := loaders.Get(t.Context(), loaders.New(t.Context(), u, known, 10), get(path, "name"))
		if (err == nil) != strings.Contains(path, "hosts") {
			t.Errorf("%s: %v", path, err)
		}
	}
	wantWire(t, u, [][]string{
		{"/security/ti/hosts/a?$select=id,name"},
		{"/security/ti/hosts/a"},
		{"/security/ti/hosts/b"},
		{"/security/ti/pairs/a?$select=id,name"},
	})
	if got := strings.Count(log.String(), "level=WARN"); got != 1 {
		t.Errorf("%d warnings in\n%s", got, log.String())
	}
}
