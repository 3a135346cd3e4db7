//go:build interop

// Package grafana_test holds the dashboard to what Grafana needs to load it, whatever the data source of the reader is called.
package grafana_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

type source struct{ Type, UID string }

type panel struct {
	ID          int
	Type, Title string
	Description string
	Datasource  *source
	GridPos     struct{ X, Y, W, H int }
	Targets     []target
	FieldConfig struct {
		Defaults  struct{ Unit string }
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
}

type target struct {
	RefID, Expr, LegendFormat string
	Datasource                *source
}

type dashboard struct {
	ID         *int
	UID        string
	Title      string
	Panels     []panel
	Templating struct {
		List []struct {
			Name, Type string
			Query      any
			Datasource *source
		}
	}
}

func read(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("portico.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil || len(d.Panels) < 20 {
		t.Fatal(err, len(d.Panels))
	}
	return d
}

func TestInteropTheDashboardHasItsOwnIdentityAndNoOneElses(t *testing.T) {
	d := read(t)
	if d.ID != nil || d.UID == "" || len(d.UID) > 40 || d.Title == "" {
		t.Errorf("id %v, which is of one Grafana; uid %q; title %q", d.ID, d.UID, d.Title)
	}
	ids := map[int]string{}
	for _, p := range d.Panels {
		if other := ids[p.ID]; other != "" || p.ID <= 0 {
			t.Errorf("%q and %q have the id %d", p.Title, other, p.ID)
		}
		ids[p.ID] = p.Title
		var refs []string
		for _, one := range p.Targets {
			if slices.Contains(refs, one.RefID) || one.RefID == "" {
				t.Errorf("%s: %q is there twice", p.Title, one.RefID)
			}
			refs = append(refs, one.RefID)
		}
	}
}

func TestInteropTheReaderChoosesTheDataSource(t *testing.T) {
	d := read(t)
	chosen := source{"prometheus", "${datasource}"}
	for i, variable := range d.Templating.List {
		switch {
		case i == 0 && (variable.Name != "datasource" || variable.Type != "datasource" || variable.Query != "prometheus"):
			t.Errorf("the first variable is %+v: the others need the data source", variable)
		case i > 0 && (variable.Datasource == nil || *variable.Datasource != chosen):
			t.Errorf("%s has the data source %v", variable.Name, variable.Datasource)
		}
	}
	for _, p := range d.Panels {
		if p.Type == "row" {
			continue
		}
		for _, from := range append([]*source{p.Datasource}, sourcesOf(p)...) {
			if from == nil || *from != chosen {
				t.Errorf("%s has the data source %v", p.Title, from)
			}
		}
	}
}

func sourcesOf(p panel) (all []*source) {
	for _, one := range p.Targets {
		all = append(all, one.Datasource)
	}
	return all
}

func TestInteropNoPanelCoversAnother(t *testing.T) {
	taken := map[[2]int]string{}
	for _, p := range read(t).Panels {
		if p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W == 0 || p.GridPos.H == 0 {
			t.Errorf("%s is outside of the grid: %+v", p.Title, p.GridPos)
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if taken[at] != "" {
					t.Fatalf("%s covers %s", p.Title, taken[at])
				}
				taken[at] = p.Title
			}
		}
	}
}

// An axis in seconds shows no numbers of something else, and bytes are not shown as numbers.
func TestInteropUnitsAreThoseOfTheMetrics(t *testing.T) {
	known := []string{"s", "bytes", "percentunit", "reqps", "ops", "short"}
	for _, p := range read(t).Panels {
		if p.Type == "row" {
			continue
		}
		if p.Description == "" {
			t.Errorf("%s has no description", p.Title)
		}
		for _, one := range p.Targets {
			unit := p.unitOf(one)
			if !slices.Contains(known, unit) {
				t.Errorf("%s: %q is not a unit", p.Title, unit)
			}
			if wanted := unitFor(one.Expr); wanted != "" && unit != wanted || wanted == "" && (unit == "s" || unit == "bytes") {
				t.Errorf("%s: %s is shown in %q", p.Title, one.Expr, unit)
			}
		}
	}
}

// unitOf is the unit that a target is shown in.
func (p panel) unitOf(one target) string {
	for _, override := range p.FieldConfig.Overrides {
		if override.Matcher.ID != "byName" || override.Matcher.Options != one.LegendFormat {
			continue
		}
		for _, property := range override.Properties {
			if unit, isText := property.Value.(string); isText && property.ID == "unit" {
				return unit
			}
		}
	}
	return p.FieldConfig.Defaults.Unit
}

// unitFor is the unit that an expression has by the names of its metrics, or empty for a number or a rate of something.
func unitFor(expr string) string {
	switch {
	case strings.Contains(expr, "_seconds_count"), strings.Contains(expr, "_seconds_total"):
		return ""
	case strings.Contains(expr, "_seconds"):
		return "s"
	case strings.Contains(expr, "_bytes"):
		return "bytes"
	}
	return ""
}
