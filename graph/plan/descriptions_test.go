package plan

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// description is one thing of the schema that has a description.
type description struct {
	at   string // such as "Host.ports(first)"
	text string
	t    *ast.Type // of a field, an argument or a member of an input
	def  *ast.Definition
}

// allDescriptions returns everything in the schema that clients see.
func allDescriptions() (all []description) {
	for _, def := range Schema.Types {
		if def.BuiltIn {
			continue
		}
		all = append(all, description{def.Name, def.Description, nil, def})
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			all = append(all, description{def.Name + "." + f.Name, f.Description, f.Type, def})
			for _, arg := range f.Arguments {
				all = append(all, description{def.Name + "." + f.Name + "(" + arg.Name + ")", arg.Description, arg.Type, def})
			}
		}
		for _, value := range def.EnumValues {
			all = append(all, description{def.Name + "." + value.Name, value.Description, nil, def})
		}
	}
	return all
}

var (
	fillers = regexp.MustCompile(`\b(a|an|the|its|of|this|that|is|was|only|one|by)\b|[^a-z ]`)
	inName  = regexp.MustCompile(`[A-Z]+[a-z]*|[a-z]+`)
)

// says returns the words of a description that are not in the name of what it describes.
func (d description) says() (words []string) {
	var known []string
	for _, word := range inName.FindAllString(d.at, -1) {
		known = append(known, strings.ToLower(word), strings.ToLower(word)+"s")
	}
	for word := range strings.FieldsSeq(fillers.ReplaceAllString(strings.ToLower(d.text), " ")) {
		if !slices.Contains(known, word) {
			words = append(words, word)
		}
	}
	return words
}

// A description is a sentence that says more than the name.
func TestEveryDescriptionSaysMoreThanTheName(t *testing.T) {
	t.Parallel()
	all := allDescriptions()
	for _, d := range all {
		text, _, _ := strings.Cut(d.text, "\nhttps://")
		switch first := strings.TrimLeft(text, "`"); {
		case text == "":
			t.Errorf("%s has no description", d.at)
		case strings.ToUpper(first[:1]) != first[:1] && first == text || !strings.HasSuffix(text, "."):
			t.Errorf("%s: %q is not a sentence", d.at, text)
		case len(d.says()) == 0:
			t.Errorf("%s: %q repeats the name", d.at, text)
		}
	}
	if len(all) < 900 {
		t.Errorf("only %d descriptions were checked", len(all))
	}
}

// What a value must look like is part of its description, where its type does not say so.
func TestDescriptionsSayTheFormOfValues(t *testing.T) {
	t.Parallel()
	for _, d := range allDescriptions() {
		if d.t == nil || d.def.Kind == ast.Enum || strings.HasPrefix(d.def.Name, "_") {
			continue
		}
		isInput := d.def.Kind == ast.InputObject
		var wanted []string // one of them
		switch named := d.t.Name(); {
		case named == "ID":
			wanted = []string{"such as", "opaque", "nodeId", "Microsoft Graph's id", "digits"}
		case isInput && named == "DateTime":
			wanted = []string{"A date such as"}
		case isInput && d.def.Fields.ForName(lastName(d.at)).Directives.ForName("condition") != nil && named == "String":
			wanted = []string{"in any letter case", "Microsoft Graph filters"}
		case strings.HasSuffix(d.at, "(first)"):
			wanted = []string{"0 to 100"}
		case strings.HasSuffix(d.at, "(where)"), strings.HasSuffix(d.at, "(orderBy)"):
			wanted = []string{"Portico", "Microsoft Graph sorts."}
		case strings.HasSuffix(d.at, "Url") || strings.HasSuffix(d.at, ".url"):
			wanted = []string{"URL", "ddress"}
		default:
			continue
		}
		if !slices.ContainsFunc(wanted, func(part string) bool { return strings.Contains(d.text, part) }) {
			t.Errorf("%s: %q has none of %q", d.at, d.text, wanted)
		}
	}
}

// lastName is the name of a member in "Type.member".
func lastName(at string) string { return at[strings.LastIndexByte(at, '.')+1:] }

// An object and its interfaces describe a field alike, except for what only the object knows.
func TestOneFieldHasOneDescription(t *testing.T) {
	t.Parallel()
	for _, def := range Schema.Types {
		for _, wider := range Schema.GetImplements(def) {
			for _, f := range wider.Fields {
				of := def.Fields.ForName(f.Name)
				for _, arg := range f.Arguments {
					if got := of.Arguments.ForName(arg.Name).Description; got != arg.Description {
						t.Errorf("%s.%s(%s): %q, and %s has %q", def.Name, f.Name, arg.Name, got, wider.Name, arg.Description)
					}
				}
				if strings.HasSuffix(f.Type.Name(), "Connection") && of.Description != f.Description {
					t.Errorf("%s.%s: %q, and %s has %q", def.Name, f.Name, of.Description, wider.Name, f.Description)
				}
			}
		}
	}
}
