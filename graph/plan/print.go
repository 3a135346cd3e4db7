package plan

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
)

// Print plans an operation and returns the plan as text: the steps of the first wave, below each the links of its
// response with what they request, and the estimate. What is below a step is requested in a later wave, unless a hint
// predicted it.
func (p *Planner) Print(r *Reading) string {
	steps := p.Plan(r)
	out := printer{planner: p}
	for _, step := range steps {
		out.step(step)
	}
	out.line(0, "steps: %d, estimate: %d requests, waves: %d", len(steps), loaders.Cost(steps), out.waves)
	return out.String()
}

// printer writes a plan, line by line, and counts its waves.
type printer struct {
	strings.Builder
	planner *Planner
	waves   int
}

// position is where something is in a plan: the wave that requests it, and how far it is indented.
type position struct{ wave, indent int }

func (at position) inside() position { return position{at.wave, at.indent + 1} }

// next is what a response leads to.
func (at position) next() position { return position{at.wave + 1, at.indent + 1} }

func (w *printer) line(indent int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(w, format+"\n", args...)
}

func (w *printer) step(step loaders.Step) {
	w.waves = max(w.waves, 1)
	w.line(0, "GET %s", step.Lookup.URL())
	l, leads := step.Links.(*links)
	if !leads {
		return
	}
	for i, link := range l.all {
		if id := l.prediction(i); id != "" {
			w.link(position{1, 1}, link, ", predicted to be "+id)
		} else {
			w.link(position{2, 1}, link, "")
		}
	}
}

// link writes what a link requests: once, if that is the same for every type that the target may have.
func (w *printer) link(at position, link Link, note string) {
	if link.complete {
		return // it leads nowhere, unless the target comes as a reference
	}
	path := strings.Join(link.path, ".")
	if path == "" {
		path = "itself"
	}
	all := catalog.objects[link.target.Name]
	texts, same := make([]string, len(all)), true
	for i, concrete := range all {
		texts[i] = w.target(at, link, concrete)
		same = same && texts[i] == texts[0]
	}
	if same {
		w.line(at.indent, "%s -> %s%s%s", path, link.target.Name, note, texts[0])
		return
	}
	for i, concrete := range all {
		w.line(at.indent, "%s -> %s%s%s", path, concrete.Name, note, texts[i])
	}
}

// target returns what a link requests of a target of one type.
func (w *printer) target(at position, link Link, concrete *ast.Definition) string {
	declared := endpointType(concrete)
	if declared == nil {
		return ": not requested, because there is no endpoint"
	}
	projection := link.selection.Project(declared, concrete)
	inner := printer{planner: w.planner, waves: w.waves}
	text := inner.own(at, link, projection)
	for i := range projection.Requests {
		inner.call(at.inside(), w.planner.reading.call(&projection.Requests[i]))
	}
	w.waves = inner.waves
	return strings.TrimSuffix(text+"\n"+inner.String(), "\n")
}

// own returns what is requested of the target itself, and writes where its response leads.
func (w *printer) own(at position, link Link, projection *Projection) string {
	switch {
	case link.inline:
		return ", in the response"
	case projection.IsCarriedBy(link.carries):
		return ": the reference is enough"
	}
	w.waves = max(w.waves, at.wave)
	for _, next := range projection.Links {
		w.link(at.next(), next, "")
	}
	return " ?" + projection.ByID().String()
}

// call writes a request below an entity.
func (w *printer) call(at position, call *Call) {
	w.waves = max(w.waves, at.wave)
	query, all := call.Selection.Project(call.Target, call.Target).Query, call.linksOfEntity()
	if call.Connection != nil {
		page, err := call.Page("", w.planner.Sealer)
		if err != nil || page.Empty {
			w.line(at.indent, "/%s: nothing", call.Name)
			return
		}
		query, all = page.Query, page.Links
	}
	w.line(at.indent, "/%s ?%s", call.Name, query)
	for _, link := range all {
		if w.planner.HostHints && call.refersBack(&link) {
			w.link(at.inside(), link, ", predicted to be the owner")
		} else {
			w.link(at.next(), link, "")
		}
	}
}
