package service

import (
	"encoding/json"
	"testing"

	"portico/internal/playground"
)

// Every ready question is answered, without errors but that of the published example's impossible date.
func TestTheReadyQuestionsRun(t *testing.T) {
	for _, tab := range playground.Tabs() {
		t.Run(tab.Name, func(t *testing.T) {
			s := start(t)
			q := asking{text: tab.Query, accept: "multipart/mixed, application/json"}
			if tab.Variables != "" {
				if err := json.Unmarshal([]byte(tab.Variables), &q.variables); err != nil {
					t.Fatal(err)
				}
			}
			a := s.ask(t, q)
			for _, e := range a.errors {
				if e.Extensions["raw"] != "2016-17-13T08:43:41.00Z" {
					t.Errorf("%+v", e)
				}
			}
			if a.data == "" || a.cost.Requests == 0 {
				t.Errorf("data %s, cost %+v", a.data, a.cost)
			}
		})
	}
}
