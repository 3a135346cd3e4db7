package msgraph_test

import (
	"errors"
	"testing"

	"portico/msgraph"
)

// A request names its entity by the key. Where the response has no key because none was asked for, the rest of it must
// show that it is the entity.
func TestEntityWithoutAKeyThatWasNotAskedFor(t *testing.T) {
	const path = "/security/threatIntelligence/hostPorts/a%2Fb=="
	keyless := func(q msgraph.Query) msgraph.Query { q.Keyless = true; return q }
	port := msgraph.Query{Select: "port"}
	for name, row := range map[string]struct {
		query msgraph.Query
		body  string
		want  string // the id; empty: no entity
	}{
		"a selected property":                     {keyless(port), `{"port":21}`, "a/b=="},
		"a selected property is null":             {keyless(port), `{"port":null}`, "a/b=="},
		"a selected property is unreadable":       {keyless(port), `{"port":"none"}`, "a/b=="},
		"the key all the same":                    {keyless(port), `{"id":"other","port":21}`, "other"},
		"an expanded property is null":            {keyless(msgraph.Query{Select: "port", Expand: "host"}), `{"host":null}`, "a/b=="},
		"a property of a derived type is null":    {keyless(msgraph.Query{Select: "microsoft.graph.security.hostPort/port"}), `{"port":null}`, "a/b=="},
		"no property, and the context is one's":   {keyless(port), `{"@odata.context":"https://graph.example/v1.0/$metadata#hostPorts(port)/$entity"}`, "a/b=="},
		"wrapped":                                 {keyless(port), `{"value":{"port":21}}`, "a/b=="},
		"no property, and the context is a set's": {keyless(port), `{"@odata.context":"https://graph.example/v1.0/$metadata#hostPorts"}`, ""},
		"another object":                          {keyless(port), `{"message":"signed out"}`, ""},
		"an error with status 200":                {keyless(port), `{"error":{"code":"x"}}`, ""},
		"an empty object":                         {keyless(port), `{}`, ""},
		"the key was asked for":                   {port, `{"port":21}`, ""},
		"nothing but the key is asked for":        {keyless(msgraph.Query{}), `{"port":21}`, ""},
		"a service that takes no $select":         {keyless(msgraph.Query{Select: "port", Unselected: true}), `{"port":21}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			asked := msgraph.Asked{Lookup: msgraph.Lookup{Path: path, Query: row.query}}
			got, _, err := msgraph.Entity[thePort]([]byte(row.body), asked)
			switch failure, failed := errors.AsType[*msgraph.Error](err); {
			case row.want == "" && (!failed || failure.Kind != msgraph.BadResponse):
				t.Fatalf("got %v, %v; want a bad response", got, err)
			case row.want != "" && (err != nil || got.ID != row.want):
				t.Fatalf("got %v, %v; want the id %s", got, err, row.want)
			}
			if has, err := msgraph.HasEntity([]byte(row.body), asked); has != (row.want != "") {
				t.Errorf("HasEntity says %v, %v", has, err)
			}
		})
	}
}

type thePort struct {
	ID   string  `json:"id"`
	Port *int    `json:"port"`
	Host *string `json:"host"`
}
