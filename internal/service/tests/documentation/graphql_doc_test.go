package documentation_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

const tour = "docs/graphql.md"

// Every question on the page is asked as it is printed there, and costs what the page says.
func TestTheTourCostsWhatItSays(t *testing.T) {
	s := servicetest.Start(t)
	blocks := strings.Split(read(t, tour), "```graphql\n")[1:]
	costs := 0
	for i, block := range blocks {
		query, after, _ := strings.Cut(block, "```\n")
		q := servicetest.Operation{Query: query, Accept: "application/json"}
		if strings.Contains(query, "@defer") {
			q.Accept = "multipart/mixed"
		}
		a := s.Send(t, q)
		for _, e := range a.Errors {
			t.Errorf("query %d: %s %v at %s\n%s", i+1, e.Message, e.Extensions, servicetest.PathText(e.Path), query)
		}
		if a.Data == "" || a.Data == "null" || strings.HasSuffix(a.Data, `":null}`) {
			t.Errorf("query %d has no response: %s\n%s", i+1, a.Data, query)
		}
		printed, found := costIn(t, after)
		if !found {
			continue
		}
		costs++
		if got := [...]int{a.Cost.Items, a.Cost.Requests, a.Cost.Waves}; got != printed {
			t.Errorf("query %d costs %d items, requests, waves; the page says %d\n%s", i+1, got, printed, query)
		}
	}
	if costs < 8 {
		t.Errorf("the page says what %d queries cost", costs)
	}
}

// The table of the whole questions agrees with the files that they are held to.
func TestTheTourHasTheCompleteQueries(t *testing.T) {
	rows := tableRows(between(t, tour, "<!-- whole -->\n", "<!-- /whole -->"))
	if len(rows) != len(documents) {
		t.Errorf("%d rows, %d queries", len(rows), len(documents))
	}
	for _, row := range rows {
		file := regexp.MustCompile(`\]\(\.\./(.+)\.graphql\)`).FindStringSubmatch(row[0])
		if file == nil || len(row) != 4 {
			t.Errorf("no query in %q", row)
			continue
		}
		want := fmt.Sprintf("%s requests, %s items, %s waves\n", strings.TrimSpace(row[2]), strings.TrimSpace(row[1]), strings.TrimSpace(row[3]))
		if !strings.Contains(read(t, file[1]+".wire"), want) {
			t.Errorf("%s costs other than %q", file[1], want)
		}
	}
}

var costLine = regexp.MustCompile(`\*\*Cost: (\d+) items?, (\d+) requests?, (\d+) waves?\.\*\*`)

// costIn reads what is said of a question right after it: items, requests, waves.
func costIn(t *testing.T, text string) (cost [3]int, found bool) {
	t.Helper()
	numbers := costLine.FindStringSubmatch(text)
	for i := range cost {
		if numbers != nil {
			var err error
			if cost[i], err = strconv.Atoi(numbers[i+1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return cost, numbers != nil
}
