// Package coerce reads the input of an operation by the GraphQL specification: variables, arguments and the conditions
// of directives. It is pure: the same schema, document and variables always give the same values or the same error.
//
// gqlparser and gqlgen read input more loosely: they take the text "2" for a number, a number of 64 bits for an Int, a
// member of an enumeration in any letter case, and null for a value that must not be null.
//
// https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values
package coerce

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Scalar reads a value of a custom scalar: a string, bool, nil, json.Number, []any or map[string]any of these. An error
// refuses it; the text of the error is shown to the caller.
type Scalar = func(value any) (any, error)

// Reader reads input for a schema. Values are int64 for Int, float64 for Float, string for String, ID and members of
// enumerations, bool, nil, []any, map[string]any, and for a custom scalar what its Scalar returns.
type Reader struct {
	Schema *ast.Schema
	// Scalars are the custom scalars by name. One that is missing here accepts every value.
	Scalars map[string]Scalar
}

// Variables returns the values of an operation's variables, with defaults applied. A variable that has neither a value
// nor a default is absent. given holds values as JSON has them, numbers as json.Number.
func (r Reader) Variables(op *ast.OperationDefinition, given map[string]any) (map[string]any, *gqlerror.Error) {
	values := make(map[string]any, len(op.VariableDefinitions))
	for _, def := range op.VariableDefinitions {
		value, present := given[def.Variable]
		v := visit{Reader: r, name: def.Variable}
		switch {
		case present && value == nil && def.Type.NonNull:
			return nil, refuseVariable(op, def, `Variable "$%s" of non-null type "%s" must not be null.`, def.Variable, def.Type)
		case present:
			values[def.Variable] = v.read(def.Type, value)
		case def.DefaultValue != nil:
			values[def.Variable] = v.read(def.Type, def.DefaultValue)
		case def.Type.NonNull:
			return nil, refuseVariable(op, def, `Variable "$%s" of required type "%s" was not provided.`, def.Variable, def.Type)
		}
		if v.refused != nil {
			return nil, refuseVariable(op, def, `Variable "$%s" got invalid value %s%s; %s`,
				def.Variable, show(v.refused.value), v.refused.where(), v.refused.reason)
		}
	}
	return values, nil
}

// refuseVariable words an error about a variable, and names the argument that the variable is for.
func refuseVariable(
	op *ast.OperationDefinition, def *ast.VariableDefinition, format string, args ...any,
) *gqlerror.Error {
	err := gqlerror.ErrorPosf(def.Position, format, args...)
	if argument := usedBy(op.SelectionSet, def.Variable, map[string]bool{}); argument != "" {
		err.Message += ` (used by argument "` + argument + `")`
	}
	return err
}

// usedBy returns the name of the first argument that uses a variable.
func usedBy(set ast.SelectionSet, variable string, entered map[string]bool) string {
	for _, selection := range set {
		var args ast.ArgumentList
		var below ast.SelectionSet
		switch s := selection.(type) {
		case *ast.Field:
			args, below = s.Arguments, s.SelectionSet
		case *ast.InlineFragment:
			below = s.SelectionSet
		case *ast.FragmentSpread:
			if s.Definition != nil && !entered[s.Name] {
				entered[s.Name] = true
				below = s.Definition.SelectionSet
			}
		}
		for _, arg := range args {
			if uses(arg.Value, variable) {
				return arg.Name
			}
		}
		if found := usedBy(below, variable, entered); found != "" {
			return found
		}
	}
	return ""
}

func uses(value *ast.Value, variable string) bool {
	if value.Kind == ast.Variable {
		return value.Raw == variable
	}
	return slices.ContainsFunc(value.Children, func(c *ast.ChildValue) bool { return uses(c.Value, variable) })
}

// Arguments reads the arguments of a field or directive into values, which it clears first, with defaults applied. An
// argument that has neither a value nor a default is absent. vars are the operation's variables as Variables returns
// them.
func (r Reader) Arguments(
	values map[string]any, defs ast.ArgumentDefinitionList, args ast.ArgumentList, vars map[string]any,
) *gqlerror.Error {
	clear(values)
	for _, def := range defs {
		value, position := def.DefaultValue, def.Position
		if arg := args.ForName(def.Name); arg != nil {
			position = arg.Position
			if !missing(arg.Value, vars) {
				value = arg.Value
			}
		}
		if value == nil {
			if def.Type.NonNull {
				return refuseArgument(position, `Argument "%s" of required type "%s" was not provided.`, def.Name, def.Type)
			}
			continue
		}
		v := visit{Reader: r, vars: vars, name: def.Name}
		if values[def.Name] = v.read(def.Type, value); v.refused != nil {
			return refuseArgument(position, `Argument "%s" has an invalid value%s: %s`, def.Name, v.refused.where(),
				v.refused.reason)
		}
	}
	return nil
}

func refuseArgument(position *ast.Position, format string, args ...any) *gqlerror.Error {
	return gqlerror.ErrorPosf(position, format, args...)
}

// missing reports whether a value is a variable that is absent.
func missing(value *ast.Value, vars map[string]any) bool {
	if value.Kind != ast.Variable {
		return false
	}
	_, present := vars[value.Raw]
	return !present
}
