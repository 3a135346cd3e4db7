package main

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/99designs/gqlgen/codegen/templates"
)

// A words holds the exported names of package threatintel, by their lower case.
type words struct {
	scope *types.Scope
	names map[string]string
}

func readVocabulary(path string) (*words, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax,
	}, path)
	if err != nil {
		return nil, err
	}
	p := loaded[0]
	if len(p.Errors) > 0 {
		return nil, fmt.Errorf("loading %s: %w", path, p.Errors[0])
	}
	v := &words{p.Types.Scope(), map[string]string{}}
	for _, name := range v.scope.Names() {
		if v.scope.Lookup(name).Exported() {
			v.names[strings.ToLower(name)] = name
		}
	}
	return v, nil
}

// find returns the Go name of the first of the names that exists.
func (v *words) find(names ...string) (string, error) {
	for _, name := range names {
		if goName, ok := v.names[strings.ToLower(name)]; ok {
			return goName, nil
		}
	}
	return "", errors.New("package threatintel has no " + strings.Join(names, " or "))
}

// byID returns the function for the request of one entity.
func (v *words) byID(typeName string) (string, error) { return v.find(typeName + "ByID") }

// of returns the function for the request of a field: of a list at the root, or of what is below an entity.
func (v *words) of(r request) (string, error) {
	if r.owner == "Query" {
		return v.find(r.field)
	}
	name, err := v.find(r.owner+templates.UcFirst(r.field)+"Of", templates.UcFirst(r.field)+"Of")
	if err != nil {
		return "", fmt.Errorf("%s: %w", r, err)
	}
	return name, nil
}

// goType returns the Go type of an entity: an interface, or a pointer to a struct.
func (v *words) goType(typeName string) (string, error) {
	name, err := v.find(typeName)
	if err != nil {
		return "", err
	}
	if types.IsInterface(v.scope.Lookup(name).Type()) {
		return "threatintel." + name, nil
	}
	return "*threatintel." + name, nil
}

// renamed returns the types whose Go name differs from the name that gqlgen looks for.
func (v *words) renamed(m *model) map[string]string {
	all := map[string]string{}
	for name := range m.schema.Types {
		goName, err := v.find(name)
		if err == nil && goName != templates.ToGo(name) && goName != name {
			all[name] = goName
		}
	}
	return all
}

// holder returns the field of a struct that holds a property, by its JSON tag: its Go name, and the name of the type
// that it points to.
func (v *words) holder(typeName, property string) (field, pointsTo string, err error) {
	goName, err := v.find(typeName)
	if err != nil {
		return "", "", err
	}
	s, ok := v.scope.Lookup(goName).Type().Underlying().(*types.Struct)
	if !ok {
		return "", "", fmt.Errorf("threatintel.%s is not a struct", goName)
	}
	for i := range s.NumFields() {
		if reflect.StructTag(s.Tag(i)).Get("json") != property {
			continue
		}
		if p, ok := s.Field(i).Type().(*types.Pointer); ok {
			return s.Field(i).Name(), p.Elem().(*types.Named).Obj().Name(), nil
		}
	}
	return "", "", fmt.Errorf("threatintel.%s has no pointer with the JSON tag %q", goName, property)
}
