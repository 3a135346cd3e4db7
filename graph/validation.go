package graph

import (
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"portico/graph/code"
	"portico/graph/plan"
	"portico/internal/coerce"
)

// validate holds a document to the schema. One that hides the schema refuses documents that read it, and suggests
// nothing.
func validate(doc *ast.QueryDocument, hideSchema bool) gqlerror.List {
	if hideSchema {
		if err := refuseSchema(doc); err != nil {
			return gqlerror.List{err}
		}
	}
	literals := coerce.Literals{Reader: plan.Input}
	all := rules.NewDefaultRules()
	all.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, literals.Observe)
	if hideSchema {
		suggestNothing(all)
	}
	errs := validator.ValidateWithRules(plan.Schema, doc, all)
	for _, err := range errs {
		errcode.Set(err, code.ValidationFailed)
	}
	if errs == nil {
		literals.Settle()
	}
	return errs
}

// suggestNothing replaces the rules whose errors suggest names of the schema.
func suggestNothing(all *rules.Rules) {
	for name, rule := range map[string]validator.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
	} {
		all.ReplaceRule(name, rule.RuleFunc)
	}
}

// schemaFields are the fields that return the schema. __typename only names the type of what was returned anyway.
var schemaFields = map[string]bool{"__schema": true, "__type": true, "_service": true}

// refuseSchema refuses a document that reads the schema anywhere, also in a fragment that no operation uses.
func refuseSchema(doc *ast.QueryDocument) *gqlerror.Error {
	sets := make([]ast.SelectionSet, 0, len(doc.Operations)+len(doc.Fragments))
	for _, operation := range doc.Operations {
		sets = append(sets, operation.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		sets = append(sets, fragment.SelectionSet)
	}
	for _, set := range sets {
		if f := schemaFieldIn(set); f != nil {
			err := gqlerror.ErrorPosf(f.Position, "%s is not available: introspection is off here.", f.Name)
			errcode.Set(err, code.IntrospectionDisabled)
			return err
		}
	}
	return nil
}

// schemaFieldIn returns the first field of a selection set, at any depth, that returns the schema; nil for none.
func schemaFieldIn(set ast.SelectionSet) *ast.Field {
	for _, s := range set {
		var inside ast.SelectionSet
		switch s := s.(type) {
		case *ast.Field:
			if schemaFields[s.Name] {
				return s
			}
			inside = s.SelectionSet
		case *ast.InlineFragment:
			inside = s.SelectionSet
		}
		if f := schemaFieldIn(inside); f != nil {
			return f
		}
	}
	return nil
}
