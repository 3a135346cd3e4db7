package queries_test

import (
	"encoding/json"
	"strings"
	"testing"

	"portico/internal/playground"
	"portico/internal/service/servicetest"
)

// Every ready question is answered without an error: none greets people with one.
func TestTheGraphiQLTabsRun(t *testing.T) {
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

// What the page asks when somebody clicks on a node of the graph, or pastes indicators.
func TestTheNextQuestionsRun(t *testing.T) {
	known := map[string]map[string]any{
		"article":       {"id": "a272d5ab"},
		"certificate":   {"id": "MDEyMDk2OTg4MGIwMTZkYzJjNzNlM2E3ZDk3MzgxMjcyOWI1Y2RiZA=="},
		"fingerprint":   {"sha1": "0120969880b016dc2c73e3a7d973812729b5cdbd"},
		"indicators":    {"hosts": []string{"www2.example.com", "192.0.2.1"}, "vulnerabilities": []string{"CVE-2021-44228"}},
		"node":          {"id": "HostPort:MTkyLjAuMi4xJCQ5NDQz"},
		"profile":       {"id": "9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80"},
		"vulnerability": {"id": "CVE-2021-44228"},
	}
	for _, question := range playground.Next() {
		t.Run(question.Name, func(t *testing.T) {
			variables, ok := known[question.Name]
			if !ok {
				t.Fatal("no variables for it here")
			}
			a := servicetest.Start(t).Send(t, servicetest.Operation{Query: question.Query, Variables: variables})
			if len(a.Errors) > 0 || strings.Contains(a.Data, ":null}") && !strings.Contains(a.Data, `"id"`) {
				t.Errorf("data %s, errors %+v", a.Data, a.Errors)
			}
		})
	}
}
