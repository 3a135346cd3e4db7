package coerce

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// Literals is a rule of validation: every literal of a document can be read as the type where it stands. It takes the
// place of gqlparser's ValuesOfCorrectType, which takes numbers beyond 32 bits, {} for any scalar and every custom
// scalar.
type Literals struct {
	Reader
	// digits are the IDs that were written as numbers.
	digits []*ast.Value
	seen   map[*ast.Value]bool
}

// Observe is the rule's function. A Literals is good for one document.
func (l *Literals) Observe(observers *core.Events, addError core.AddErrFunc) {
	l.seen = map[*ast.Value]bool{}
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Definition != nil {
			l.arguments(field.Definition.Arguments, field.Arguments, addError)
		}
	})
	observers.OnDirective(func(_ *core.Walker, directive *ast.Directive) {
		if directive.Definition != nil {
			l.arguments(directive.Definition.Arguments, directive.Arguments, addError)
		}
	})
	observers.OnOperation(func(_ *core.Walker, op *ast.OperationDefinition) {
		for _, def := range op.VariableDefinitions {
			if def.Definition != nil && def.Definition.IsInputType() {
				l.check(def.Type, def.DefaultValue, `Default of variable "$%s"`, def.Variable, addError)
			}
		}
	})
	observers.OnValue(func(_ *core.Walker, value *ast.Value) {
		if value.Kind == ast.IntValue && value.Definition != nil && value.Definition.Name == "ID" {
			l.digits = append(l.digits, value)
		}
	})
}

func (l *Literals) arguments(defs ast.ArgumentDefinitionList, args ast.ArgumentList, addError core.AddErrFunc) {
	for _, arg := range args {
		if def := defs.ForName(arg.Name); def != nil {
			l.check(def.Type, arg.Value, `Argument "%s"`, arg.Name, addError)
		}
	}
}

// check looks at each literal once: the walker enters a fragment wherever it is spread.
func (l *Literals) check(t *ast.Type, value *ast.Value, what, name string, addError core.AddErrFunc) {
	if value == nil || l.seen[value] {
		return
	}
	l.seen[value] = true
	v := visit{Reader: l.Reader, unknown: true, name: name}
	if v.read(t, value); v.refused == nil {
		return
	}
	at := value.Position
	if inner, ok := v.refused.value.(*ast.Value); ok && inner.Position != nil {
		at = inner.Position
	}
	addError(core.Message(what+" has an invalid value%s: %s", name, v.refused.where(), v.refused.reason), core.At(at))
}

// Settle rewrites IDs that were written as numbers as the text that they stand for. gqlgen reads them as numbers of 64
// bits. It changes the document: call it after the validation, before anybody else sees the document.
func (l *Literals) Settle() {
	for _, value := range l.digits {
		value.Kind = ast.StringValue
	}
}
