package queries_test

import (
	"encoding/json"
	"testing"

	"portico/internal/playground"
	"portico/internal/service/servicetest"
)

// Every ready question is answered without an error: none greets people with one.
func TestTheReadyQuestionsRun(t *testing.T) {
	for _, tab := range playground.Tabs() {
		t.Run(tab.Name, func(t *testing.T) {
			s := servicetest.Start(t)
			q := servicetest.Operation{Query: tab.Query, Accept: "multipart/mixed, application/json"}
			if tab.Variables != "" {
				if err := json.Unmarshal([]byte(tab.Variables), &q.Variables); err != nil {
					t.Fatal(err)
				}
			}
			a := s.Send(t, q)
			for _, e := range a.Errors {
				t.Errorf("%+v", e)
			}
			if a.Data == "" || a.Cost.Requests == 0 {
				t.Errorf("data %s, cost %+v", a.Data, a.Cost)
			}
		})
	}
}
