package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/vektah/gqlparser/v2/ast"
)

// Resolvers is the plugin of gqlgen that writes the bodies of new resolvers.
type resolvers struct {
	model      *model
	vocabulary *words
	missing    []error // names that were not found
}

// Name implements gqlgen's plugin.Plugin.
func (*resolvers) Name() string { return "resolvers" }

// Implement implements gqlgen's plugin.ResolverImplementer. A body that was written by hand stays.
func (r *resolvers) Implement(before string, f *codegen.Field) string {
	before = strings.TrimSpace(before)
	if before != "" && !strings.HasPrefix(before, "panic(") {
		return before
	}
	body, err := r.body(f.Object.Name, r.model.schema.Types[f.Object.Name].Fields.ForName(f.Name))
	if err != nil {
		r.missing = append(r.missing, fmt.Errorf("resolver of %s.%s: %w", f.Object.Name, f.Name, err))
		return "panic(" + fmt.Sprintf("%q", err) + ")"
	}
	return "return " + body
}

// body returns the expression that resolves a field.
func (r *resolvers) body(owner string, f *ast.FieldDefinition) (string, error) {
	target, node := f.Type.Name(), r.model.node(f.Type.Name())
	switch {
	case owner == "Query" && node != "":
		return r.call("rootList(ctx, threatintel.%s)", f.Name)
	case owner == "Query" && f.Type.Elem != nil:
		return r.callFor("byIDs[%s](ctx), nil", target)
	case owner == "Query":
		return r.callFor("byID[%s](ctx)", target)
	case f.Directives.ForName("computed") != nil:
		return "", errors.New("write it by hand, with computed")
	case f.Directives.ForName("navigation") != nil:
		return r.reference(owner, f)
	}
	function, err := r.vocabulary.of(request{r.model.owner(owner, f.Name), f.Name})
	switch {
	case err != nil:
		return "", err
	case node == "":
		return "single(ctx, threatintel." + function + ", obj.ID)", nil
	case r.model.schema.Types[node].Kind == ast.Interface:
		return "hosts(ctx, threatintel." + function + ", obj.ID)", nil
	default:
		return "list(ctx, threatintel." + function + ", obj.ID)", nil
	}
}

// reference resolves a navigation property with the reference that the owner holds.
func (r *resolvers) reference(owner string, f *ast.FieldDefinition) (string, error) {
	field, kind, err := r.vocabulary.holder(owner, f.Name)
	target := f.Type.Name()
	switch {
	case err != nil:
		return "", err
	case kind != "Reference":
		return "", fmt.Errorf("write it by hand: threatintel holds a %s and not a Reference", kind)
	case target == "Artifact":
		return "artifact(ctx, obj." + field + ")", nil
	case target == "Host":
		return "host(ctx, obj." + field + ")", nil
	}
	goName, err := r.vocabulary.find(target)
	return fmt.Sprintf("reference(ctx, obj.%[1]s.Value(), &threatintel.%[2]s{ID: obj.%[1]s.Key()})", field, goName), err
}

func (r *resolvers) call(format, name string) (string, error) {
	goName, err := r.vocabulary.find(name)
	return fmt.Sprintf(format, goName), err
}

func (r *resolvers) callFor(format, typeName string) (string, error) {
	goType, err := r.vocabulary.goType(typeName)
	return fmt.Sprintf(format, goType), err
}
