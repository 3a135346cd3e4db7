package onepass

import (
	_ "embed"
	"fmt"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
)

//go:embed onepass.gotpl
var source string

// Plugin is the plugin. Its zero value is ready for use.
type Plugin struct{}

// Name implements gqlgen's plugin.Plugin.
func (Plugin) Name() string { return "onepass" }

// GenerateCode implements gqlgen's plugin.CodeGenerator.
func (Plugin) GenerateCode(data *codegen.Data) error {
	in, err := read(data)
	if err != nil {
		return err
	}
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "onepass.generated.go"),
		Template:        source,
		Data:            in,
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
		PruneOptions:    data.Config.GetPruneOptions(),
		Funcs: map[string]any{
			"write": write, "isObject": isObject, "isInterface": isInterface, "append": appender, "value": value,
		},
	})
}

// input is what the template gets.
type input struct {
	Objects    []*codegen.Object
	Interfaces []*codegen.Interface
	Types      []*config.TypeReference // of fields and of the items of lists, each once
	Inputs     codegen.Objects
}

// read selects what a response may have: all but introspection and input.
func read(data *codegen.Data) (*input, error) {
	in := &input{Inputs: data.Inputs}
	for _, object := range data.Objects {
		if strings.HasPrefix(object.Name, "__") {
			continue
		}
		in.Objects = append(in.Objects, object)
		for _, field := range object.Fields {
			if err := in.add(field); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range data.Interfaces {
		in.Interfaces = append(in.Interfaces, i)
	}
	slices.SortFunc(in.Interfaces, func(a, b *codegen.Interface) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(in.Types, func(a, b *config.TypeReference) int { return strings.Compare(write(a), write(b)) })
	in.Types = slices.CompactFunc(in.Types, func(a, b *config.TypeReference) bool { return write(a) == write(b) })
	return in, nil
}

// add adds the types of a field. What gqlgen can generate and the template cannot is an error.
func (in *input) add(f *codegen.Field) error {
	switch {
	case f.IsReserved():
		return nil
	case f.IsMap(), f.IsBatch(), f.Stream, f.VOkFunc, f.HasHaser, f.HasDirectives():
		return fmt.Errorf("onepass: %s.%s has a form that the template does not know", f.Object.Name, f.Name)
	}
	for t := f.TypeReference; t != nil; t = t.Elem() {
		if t.IsPtrToPtr() || t.IsPtrToSlice() || t.IsPtrToIntf() || t.HasEnumValues() {
			return fmt.Errorf("onepass: %s.%s has a Go type that the template does not know: %s", f.Object.Name, f.Name, t.GO)
		}
		in.Types = append(in.Types, t)
		if !t.IsSlice() {
			return nil
		}
	}
	return nil
}

// write is the name of the method that writes a type.
func write(t *config.TypeReference) string {
	return "write" + strings.TrimPrefix(t.MarshalFunc(), "marshal")
}

func isObject(t *config.TypeReference) bool { return t.Definition.IsCompositeType() }

func isInterface(t *config.TypeReference) bool { return types.IsInterface(t.GO) }

// value is the value that a marshaller takes: v, or what it points at.
func value(t *config.TypeReference) string {
	if t.IsNilable() && !t.IsTargetNilable() {
		return "*v"
	}
	return "v"
}

// appender is the method of the writer for a type that gqlgen has a function for; empty if the writer has none.
func appender(t *config.TypeReference) string {
	if t.Marshaler == nil || t.CastType != nil {
		return ""
	}
	return map[string]string{
		"MarshalString": "text", "MarshalID": "text", "MarshalInt32": "integer", "MarshalBoolean": "boolean",
	}[t.Marshaler.Name()]
}
