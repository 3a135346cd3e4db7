package graph

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
)

// written is a value in the two forms in which it can be given. One that a form does not have is empty.
type written struct{ literal, json string }

func same(text string) written { return written{text, text} }

// oddValues are given to arguments of every type.
var oddValues = []written{
	same("null"), same("0"), same("-0"), same("1"), same("-1"), same("100"), same("2147483647"), same("2147483648"), same("-2147483648"),
	same("-2147483649"), same("99999999999"), same("9007199254740991"), same("9223372036854775808"), same("99999999999999999999"),
	same("1.0"), same("1.5"), same("1e2"), same("2E0"), same("0.1e1"), same("-1.0"), same("1e400"),
	{"1.0.0", ""},
	{"1x", ""},
	{"01", "\"01\""},
	same("true"), same("false"), same(`""`), same(`"2"`), same(`"x"`), same(`"true"`), same(`"null"`), same(`"1.0"`),
	{`"""x"""`, `"x"`},
	same(`"\u00e9"`), same(`"\ud83d\ude00"`),
	{`"\ud83d"`, ""},
	{`"\ude00\ud83d"`, ""},
	{`"\u{1F600}"`, ""},
	{`"\u{D83D}"`, ""},
	{"OPEN", `"OPEN"`},
	{"open", `"open"`},
	{"LAST_SEEN_DESC", `"LAST_SEEN_DESC"`},
	{"last_seen_desc", `"last_seen_desc"`},
	{"SHA1", `"sha1"`},
	same("[]"), same("{}"), same("[null]"), same("[[]]"), same("[{}]"), same(`[["x"]]`), same(`[1,"2",null]`),
	{`{a:1}`, `{"a":1}`},
	{`{__typename:"X"}`, `{"__typename":"X"}`},
	{`{value:"x"}`, `{"value":"x"}`},
	{`{field:SHA1,field:SHA1}`, ""},
	{`[OPEN,CLOSED]`, `["OPEN","CLOSED"]`},
	same(`"2023-08-09T23:18:21Z"`), same(`"2023-13-09T23:18:21Z"`), same(`"2023-08-09"`),
}

// caseWriter writes the cases of one argument.
type caseWriter struct {
	*rand.Rand
	all  []agreement
	seen map[string]bool // the types of arguments that got all odd values
}

// agreements returns the cases, always the same.
func agreements(t *testing.T) []agreement {
	t.Helper()
	w := &caseWriter{Rand: rand.New(rand.NewPCG(16, 2026)), seen: map[string]bool{}}
	ways := waysTo()
	for _, name := range slices.Sorted(maps.Keys(plan.Schema.Types)) {
		def := plan.Schema.Types[name]
		if def.BuiltIn || (def.Kind != ast.Object && def.Kind != ast.Interface) {
			continue
		}
		for _, f := range def.Fields {
			for _, arg := range f.Arguments {
				way, reached := ways[name]
				if !reached {
					t.Fatalf("nothing leads to %s", name)
				}
				w.argument(way, f, arg)
			}
		}
	}
	w.conditions()
	return w.all
}

// way is how a type is reached: what stands before and after a field of it, and what interfaces stand for.
type way struct {
	before, after string
	types         []string
}

// waysTo returns the shortest way to each type.
func waysTo() map[string]way {
	ways := map[string]way{"Query": {types: []string{}}}
	for queue := []string{"Query"}; len(queue) > 0; queue = queue[1:] {
		from := plan.Schema.Types[queue[0]]
		here := ways[from.Name]
		reach := func(name, step string, types []string) {
			if def := plan.Schema.Types[name]; def.Kind == ast.Object || def.Kind == ast.Interface {
				if _, known := ways[name]; !known {
					ways[name] = way{here.before + step + "{", "}" + here.after, types}
					queue = append(queue, name)
				}
			}
		}
		for _, f := range from.Fields {
			if !strings.HasPrefix(f.Name, "_") {
				reach(f.Type.Name(), f.Name+required(f), here.types)
			}
		}
		for _, concrete := range plan.Schema.GetPossibleTypes(from) {
			if concrete.Kind != ast.Object {
				continue
			}
			reach(concrete.Name, "... on "+concrete.Name, append(slices.Clone(here.types), concrete.Name))
		}
	}
	return ways
}

// required is the arguments without which a field is not valid.
func required(f *ast.FieldDefinition) string {
	for _, arg := range f.Arguments {
		if arg.Type.NonNull {
			return "(" + arg.Name + `:"x")`
		}
	}
	return ""
}

// argument writes the cases of one argument: odd values in some of the ways to give one, and values of its type, right and
// almost right, in each of them. The first argument of a type gets every odd value, the others some.
func (w *caseWriter) argument(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition) {
	odd, typed := oddValues, 40
	if key := arg.Type.String(); w.seen[key] || (w.seen["an input"] && len(plan.Schema.Types[arg.Type.Name()].Fields) > 0) {
		odd, typed = nil, 4
		for range 4 {
			odd = append(odd, oddValues[w.IntN(len(oddValues))])
		}
	} else {
		w.seen[key] = true
		w.seen["an input"] = w.seen["an input"] || len(plan.Schema.Types[arg.Type.Name()].Fields) > 0
	}
	ways := []func(way, *ast.FieldDefinition, *ast.ArgumentDefinition, written){w.literal, w.variable, w.fallback, w.inside, w.nullBeside}
	for _, value := range odd {
		for _, give := range ways {
			give(at, f, arg, value)
		}
	}
	for range typed {
		for _, give := range ways {
			give(at, f, arg, w.value(arg.Type, 0))
		}
	}
	w.absent(at, f, arg)
}

func (w *caseWriter) add(at way, definitions string, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, given, variables string) {
	below := ""
	if def := plan.Schema.Types[f.Type.Name()]; def.IsCompositeType() {
		below = "{__typename}"
	}
	query := fmt.Sprintf("query%s{%sit:%s(%s:%s)%s%s}", definitions, at.before, f.Name, arg.Name, given, below, at.after)
	w.all = append(w.all, agreement{query, variables, at.types})
}

func (w *caseWriter) literal(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, v written) {
	if v.literal != "" {
		w.add(at, "", f, arg, v.literal, "{}")
	}
}

// variable gives a value by a variable of the argument's type, or one near it, with or without a default.
func (w *caseWriter) variable(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, v written) {
	if v.json != "" {
		w.add(at, "($v:"+w.near(arg.Type)+w.pick("", "", "="+w.value(arg.Type, 0).literal)+")", f, arg, "$v", `{"v":`+v.json+`}`)
	}
}

// fallback gives a value by the default of a variable.
func (w *caseWriter) fallback(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, v written) {
	if v.literal != "" {
		w.add(at, "($v:"+w.near(arg.Type)+"="+v.literal+")", f, arg, "$v", w.pick("{}", "{}", `{"v":null}`, `{"other":1}`))
	}
}

// inside gives a value by a variable inside a list or an input object, or right where it stands.
func (w *caseWriter) inside(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, v written) {
	inner, literal := w.into(arg.Type)
	definition := "($v:" + w.near(inner) + w.pick("", "="+w.value(inner, 0).literal) + ")"
	variables := w.pick("{}", `{"v":null}`)
	if v.json != "" {
		variables = w.pick(variables, `{"v":`+v.json+`}`, `{"v":`+orNull(w.value(inner, 0).json)+`}`)
	}
	w.add(at, definition, f, arg, literal, variables)
}

// nullBeside gives null by a variable whose default has the value.
func (w *caseWriter) nullBeside(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, v written) {
	if v.literal != "" {
		w.add(at, "($v:"+arg.Type.Name()+"="+v.literal+")", f, arg, "$v", `{"v":null}`)
	}
}

func (w *caseWriter) absent(at way, f *ast.FieldDefinition, arg *ast.ArgumentDefinition) {
	nullable := strings.TrimSuffix(arg.Type.String(), "!")
	w.add(at, "($v:"+nullable+")", f, arg, "$v", "{}")
	w.add(at, "($v:"+nullable+"!)", f, arg, "$v", "{}")
	w.add(at, "($v:"+nullable+"!)", f, arg, "$v", `{"v":null}`)
}

// into returns the type of a place inside a value of a type, and a literal that has $v there.
func (w *caseWriter) into(t *ast.Type) (*ast.Type, string) {
	def := plan.Schema.Types[t.Name()]
	switch {
	case t.Elem != nil && w.IntN(4) > 0:
		inner, literal := w.into(t.Elem)
		return inner, w.pick("["+literal+"]", "["+literal+","+w.value(t.Elem, 0).literal+"]")
	case def.Kind == ast.InputObject:
		f := def.Fields[w.IntN(len(def.Fields))]
		inner, literal := w.into(f.Type)
		members := []string{f.Name + ":" + literal}
		for _, other := range def.Fields {
			if other != f && (other.Type.NonNull || w.IntN(3) == 0) {
				members = append(members, other.Name+":"+w.value(other.Type, 1).literal)
			}
		}
		return inner, "{" + strings.Join(members, ",") + "}"
	}
	return t, "$v"
}

// near is a type as it is written, most often the very one.
func (w *caseWriter) near(t *ast.Type) string {
	text := t.String()
	nullable := strings.TrimSuffix(text, "!")
	return w.pick(text, text, nullable, nullable, nullable+"!", "["+text+"]", t.Name(), "["+t.Name()+"]", "String", "Int")
}

func (w *caseWriter) pick(of ...string) string { return of[w.IntN(len(of))] }

// value returns a value of a type; now and then one that is not quite.
func (w *caseWriter) value(t *ast.Type, depth int) written {
	def := plan.Schema.Types[t.Name()]
	switch chance := w.IntN(20); {
	case chance == 0:
		return oddValues[w.IntN(len(oddValues))]
	case chance == 1 && !t.NonNull:
		return same("null")
	case t.Elem != nil && chance > 5:
		return w.list(t, depth)
	case t.Elem != nil:
		return w.value(t.Elem, depth+1)
	case def.Kind == ast.InputObject:
		return w.object(def, depth)
	case def.Kind == ast.Enum:
		name := def.EnumValues[w.IntN(len(def.EnumValues))].Name
		return written{name, `"` + name + `"`}
	}
	switch def.Name {
	case "Int":
		return same(fmt.Sprint(w.IntN(200)))
	case "DateTime":
		return same(`"2021-03-01T00:00:00Z"`)
	case "_Any":
		return written{`{__typename:"HostPort",id:"x",more:[1,1.5,true,null,OPEN]}`, `{"__typename":"HostPort","id":"x","more":[1,1.5,true,null,"OPEN"]}`}
	case "ID":
		return same(w.pick(`"x"`, "7"))
	}
	return same(`"x"`)
}

func (w *caseWriter) list(t *ast.Type, depth int) written {
	literals, jsons := []string{}, []string{}
	for range w.IntN(3) {
		item := w.value(t.Elem, depth+1)
		literals, jsons = append(literals, item.literal), append(jsons, orNull(item.json))
	}
	return written{"[" + strings.Join(literals, ",") + "]", "[" + strings.Join(jsons, ",") + "]"}
}

func (w *caseWriter) object(def *ast.Definition, depth int) written {
	literals, jsons := []string{}, []string{}
	for _, f := range def.Fields {
		if w.IntN(10) == 0 || (!f.Type.NonNull && w.IntN(2) == 0) {
			continue
		}
		member := w.value(f.Type, depth+1)
		literals, jsons = append(literals, f.Name+":"+member.literal), append(jsons, `"`+f.Name+`":`+orNull(member.json))
	}
	return written{"{" + strings.Join(literals, ",") + "}", "{" + strings.Join(jsons, ",") + "}"}
}

func orNull(json string) string {
	if json == "" {
		return "null"
	}
	return json
}

// conditions writes the cases of @skip and @include.
func (w *caseWriter) conditions() {
	for _, directive := range []string{"skip", "include"} {
		add := func(definitions, given, variables string) {
			for _, place := range []string{`it:host(id:"x")@%s(if:%s){__typename}`, `...@%s(if:%s){it:host(id:"x"){__typename}}`, `a:host(id:"x"){...on Host@%s(if:%s){it:ports{__typename}}}`} {
				query := "query" + definitions + "{__typename " + fmt.Sprintf(place, directive, given) + "}"
				w.all = append(w.all, agreement{query, variables, []string{"IpAddress"}})
			}
		}
		for _, value := range oddValues {
			if value.literal != "" {
				add("", value.literal, "{}")
				add("($v:Boolean="+value.literal+")", "$v", "{}")
			}
			if value.json != "" {
				for _, t := range []string{"Boolean", "Boolean!", "Boolean=true", "Boolean=false", "Boolean!=true", "[Boolean]", "String"} {
					add("($v:"+t+")", "$v", `{"v":`+value.json+`}`)
				}
			}
		}
		add("($v:Boolean=true)", "$v", `{}`)
		add("($v:Boolean!)", "$v", `{}`)
	}
}
