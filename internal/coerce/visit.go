package coerce

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A visit reads one value: a literal (*ast.Value), or a variable's value as JSON has it. It ends at the first refusal.
type visit struct {
	Reader
	vars map[string]any
	// unknown says that variables have no values yet: the document is being validated.
	unknown bool
	name    string   // of the variable or argument
	path    ast.Path // inside its value
	refused *refusal
}

// refusal is why a value is refused.
type refusal struct {
	path   ast.Path
	value  any
	reason string
}

// where names the place inside the value, in the form that graphql-js uses; empty for the whole value. A path starts
// with the name of the variable or argument.
func (r *refusal) where() string {
	if len(r.path) == 1 {
		return ""
	}
	return fmt.Sprintf(" at %q", r.path.String())
}

func (v *visit) refuse(value any, format string, args ...any) any {
	if v.refused == nil {
		v.refused = &refusal{append(ast.Path{ast.PathName(v.name)}, v.path...), value, fmt.Sprintf(format, args...)}
	}
	return nil
}

// read returns a value of a type.
func (v *visit) read(t *ast.Type, value any) any {
	literal, isLiteral := value.(*ast.Value)
	switch {
	case isLiteral && literal.Kind == ast.Variable:
		return v.variable(t, literal)
	case value == nil || (isLiteral && literal.Kind == ast.NullValue):
		if t.NonNull {
			return v.refuse(value, `Expected non-nullable type "%s" not to be null.`, t)
		}
		return nil
	case t.Elem != nil:
		return v.list(t, value)
	}
	def := v.Schema.Types[t.NamedType]
	switch {
	case def == nil:
		return v.refuse(value, `Unknown type "%s".`, t.NamedType)
	case def.Kind == ast.InputObject:
		return v.object(def, value)
	case def.Kind == ast.Enum:
		return v.member(def, value)
	}
	return v.scalar(def, value)
}

// variable returns the value of a variable inside a literal. It was read by the variable's own type, which the
// validation holds to the type here but for null.
func (v *visit) variable(t *ast.Type, literal *ast.Value) any {
	if v.unknown {
		return nil
	}
	value := v.vars[literal.Raw]
	if value == nil && t.NonNull {
		return v.refuse(nil, `Expected non-nullable type "%s" not to be null (variable "$%s").`, t, literal.Raw)
	}
	return value
}

// list reads a list; a single value is a list of one.
func (v *visit) list(t *ast.Type, value any) any {
	items, many := items(value)
	if !many {
		return []any{v.read(t.Elem, value)}
	}
	all := make([]any, len(items))
	for i, item := range items {
		v.path = append(v.path, ast.PathIndex(i))
		all[i] = v.read(t.Elem, item)
		v.path = v.path[:len(v.path)-1]
		if v.refused != nil {
			return nil
		}
	}
	return all
}

// items returns the items of a list as it was written.
func items(value any) ([]any, bool) {
	switch value := value.(type) {
	case []any:
		return value, true
	case *ast.Value:
		if value.Kind == ast.ListValue {
			all := make([]any, len(value.Children))
			for i, child := range value.Children {
				all[i] = child.Value
			}
			return all, true
		}
	}
	return nil, false
}

// object reads an input object.
func (v *visit) object(def *ast.Definition, value any) any {
	members, ok := v.members(value)
	if !ok {
		return v.refuse(value, `Expected type "%s" to be an object.`, def.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if def.Fields.ForName(name) == nil {
			return v.refuse(value, `Field "%s" is not defined by type "%s".`, name, def.Name)
		}
	}
	object := make(map[string]any, len(members))
	for _, field := range def.Fields {
		v.path = append(v.path, ast.PathName(field.Name))
		v.field(object, def, field, members, value)
		v.path = v.path[:len(v.path)-1]
		if v.refused != nil {
			return nil
		}
	}
	return v.oneOf(def, object, members, value)
}

func (v *visit) field(
	object map[string]any, def *ast.Definition, field *ast.FieldDefinition, members map[string]any, whole any,
) {
	given, present := members[field.Name]
	switch {
	case present:
		object[field.Name] = v.read(field.Type, given)
	case field.DefaultValue != nil:
		object[field.Name] = v.read(field.Type, field.DefaultValue)
	case field.Type.NonNull:
		v.path = v.path[:len(v.path)-1]
		v.refuse(whole, `Field "%s.%s" of required type "%s" was not provided.`, def.Name, field.Name, field.Type)
		v.path = append(v.path, ast.PathName(field.Name))
	}
}

// oneOf holds an input object with @oneOf to exactly one member that is not null.
func (v *visit) oneOf(def *ast.Definition, object, members map[string]any, value any) any {
	if def.Directives.ForName("oneOf") == nil {
		return object
	}
	if len(members) != 1 {
		return v.refuse(value, `Exactly one key must be specified for OneOf type "%s".`, def.Name)
	}
	for name, given := range members {
		literal, _ := given.(*ast.Value)
		later := v.unknown && literal != nil && literal.Kind == ast.Variable
		if object[name] == nil && !later {
			return v.refuse(value, `Field "%s.%s" must be non-null.`, def.Name, name)
		}
	}
	return object
}

// members returns the members of an object as it was written, without those that are absent variables.
func (v *visit) members(value any) (map[string]any, bool) {
	switch value := value.(type) {
	case map[string]any:
		return value, true
	case *ast.Value:
		if value.Kind == ast.ObjectValue {
			all := make(map[string]any, len(value.Children))
			for _, child := range value.Children {
				if v.unknown || !missing(child.Value, v.vars) {
					all[child.Name] = child.Value
				}
			}
			return all, true
		}
	}
	return nil, false
}

// shownMembers is how many members of an enumeration an error lists.
const shownMembers = 12

// member reads a member of an enumeration: a name in a document, a string in JSON.
func (v *visit) member(def *ast.Definition, value any) any {
	name, ok := value.(string)
	if literal, isLiteral := value.(*ast.Value); isLiteral && literal.Kind == ast.EnumValue {
		name, ok = literal.Raw, true
	}
	switch {
	case !ok:
		return v.refuse(value, `Enum "%s" cannot represent non-enum value: %s.%s`, def.Name, show(value), allowed(def))
	case def.EnumValues.ForName(name) == nil:
		return v.refuse(value, `Value "%.80s" does not exist in "%s" enum.%s`, name, def.Name, allowed(def))
	}
	return name
}

func allowed(def *ast.Definition) string {
	names := make([]string, 0, shownMembers+1)
	for i, member := range def.EnumValues {
		if i == shownMembers {
			names = append(names, "…")
			break
		}
		names = append(names, member.Name)
	}
	return " Use one of " + strings.Join(names, ", ") + "."
}
