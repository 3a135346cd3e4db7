package cache_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two selections of one page in one wave are two responses about one resource. If they can be put together, the entry
// answers both; otherwise the last response is stored, and the other selection is requested again.
func TestTwoSelectionsOfOnePageInOneWave(t *testing.T) {
	const a, b = "/list?$select=id,asn&$top=5", "/list?$select=id,name&$top=5"
	const expanded, counted = "/list?$select=id,asn&$expand=host&$top=5", "/list?$select=host,id&$top=5&$count=true"
	for name, tt := range map[string]struct {
		first, second string // the URLs
		one, two      string // their responses
		ask           string
		want          string // the response from the cache; empty: it is requested
	}{
		"the same items": {
			a, b, `{"value":[{"id":"x","asn":1},{"id":"y","asn":2}]}`, `{"value":[{"id":"x","name":"X"},{"id":"y","name":"Y"}]}`,
			"/list?$select=id,asn,name&$top=5", `{"value":[{"id":"x","name":"X","asn":1},{"id":"y","name":"Y","asn":2}]}`,
		},
		"an expanded property beside its reference, and a count": {
			expanded, counted, `{"value":[{"id":"x","asn":1,"host":{"id":"h","city":"Z"}}]}`, `{"value":[{"id":"x","host":{"id":"h"}}],"@odata.count":1}`,
			"/list?$select=id,asn&$expand=host&$top=5&$count=true", `{"value":[{"id":"x","asn":1,"host":{"id":"h","city":"Z"}}],"@odata.count":1}`,
		},
		"one has all that the other has": {
			"/list?$select=id,asn,name&$top=5", a, `{"value":[{"id":"x","asn":1,"name":"X"}]}`, `{"value":[{"id":"x","asn":1}]}`,
			b, `{"value":[{"id":"x","asn":1,"name":"X"}]}`,
		},
		"no items": {a, b, `{"value":[]}`, `{"value":[]}`, "/list?$select=id,asn,name&$top=5", `{"value":[]}`},
		"other items": {
			a, b, `{"value":[{"id":"x","asn":1}]}`, `{"value":[{"id":"y","name":"Y"}]}`, a, "",
		},
		"more items": {
			a, b, `{"value":[{"id":"x","asn":1}]}`, `{"value":[{"id":"x","name":"X"},{"id":"y","name":"Y"}]}`, a, "",
		},
		"another order": {
			a, b, `{"value":[{"id":"x","asn":1},{"id":"y","asn":2}]}`, `{"value":[{"id":"y","name":"Y"},{"id":"x","name":"X"}]}`, a, "",
		},
		"a next page, whose link has one selection": {
			a, b, `{"value":[{"id":"x","asn":1}],"@odata.nextLink":"/list?$skip=1"}`, `{"value":[{"id":"x","name":"X"}],"@odata.nextLink":"/list?$skip=1"}`, a, "",
		},
		"items without ids": {a, b, `{"value":[{"asn":1}]}`, `{"value":[{"name":"X"}]}`, a, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.set(func() { w.responses[tt.first], w.responses[tt.second] = tt.one, tt.two })
			w.get(t.Context(), tt.first, tt.second)
			w.take()
			replies, _ := w.get(t.Context(), tt.ask)
			sent := w.take()
			if tt.want == "" {
				if len(sent) != 1 {
					t.Errorf("answered from the cache: %s", replies[0].body)
				}
				return
			}
			if sent != nil {
				t.Errorf("sent %v", sent)
			}
			if diff := cmp.Diff(parsed(t, tt.want), parsed(t, replies[0].body)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func parsed(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
