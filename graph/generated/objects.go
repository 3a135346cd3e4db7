package generated

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Objects executes selection sets on values of the schema's object types, one at a time. gqlgen itself only executes
// them from the root. It implements incremental.Objects.
type Objects struct {
	schema *executableSchema
}

// NewObjects returns the objects of a schema that NewExecutableSchema returned.
func NewObjects(schema graphql.ExecutableSchema) Objects {
	return Objects{schema.(*executableSchema)}
}

// TypeOf returns the name of the object type of a value, a pointer, whose field has an abstract type; empty if there is
// none.
func (Objects) TypeOf(value any) string { return typeNames[reflect.TypeOf(value)] }

// Execute executes a selection set on a value of the object type; the root has no value. A type that is not in the
// schema is null.
func (o Objects) Execute(ctx context.Context, on string, set ast.SelectionSet, value any) graphql.Marshaler {
	ec := newExecutionContext(graphql.GetOperationContext(ctx), o.schema, nil)
	if on == "Query" {
		return ec._Query(ctx, set)
	}
	if object, known := objects[on]; known {
		return object.execute(ec, ctx, set, value)
	}
	return graphql.Null
}

// object is an object type of the schema.
type object struct {
	value   reflect.Type
	execute func(ec *executionContext, ctx context.Context, set ast.SelectionSet, value any) graphql.Marshaler
}

// of returns the object type that a generated method executes.
func of[T any](method func(*executionContext, context.Context, ast.SelectionSet, *T) graphql.Marshaler) object {
	execute := func(ec *executionContext, ctx context.Context, set ast.SelectionSet, value any) graphql.Marshaler {
		if held, ok := value.(*T); ok && held != nil {
			return method(ec, ctx, set, held)
		}
		return graphql.Null
	}
	return object{reflect.TypeFor[*T](), execute}
}

// typeNames are the names of the object types by the type of their values. Two connections may have values of one type;
// those are never behind an abstract type.
var typeNames = func() map[reflect.Type]string {
	names := make(map[reflect.Type]string, len(objects))
	for name, object := range objects {
		names[object.value] = name
	}
	return names
}()
