package coerce

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/shorten"
)

// scalar reads a value of a scalar.
func (v *visit) scalar(def *ast.Definition, value any) any {
	literal, _ := value.(*ast.Value)
	if _, isText := value.(string); isText && (def.Name == "ID" || def.Name == "String") {
		return value // the usual case, without a copy
	}
	var read any
	var ok bool
	switch def.Name {
	case "Int":
		return v.integer(value, literal)
	case "Float":
		if read, ok = float(value, literal); !ok {
			return v.refuse(value, "Float cannot represent non numeric value: %s", show(value))
		}
	case "String":
		if read, ok = text(value, literal); !ok {
			return v.refuse(value, "String cannot represent a non string value: %s", show(value))
		}
	case "Boolean":
		if read, ok = boolean(value, literal); !ok {
			return v.refuse(value, "Boolean cannot represent a non boolean value: %s", show(value))
		}
	case "ID":
		if read, ok = id(value, literal); !ok {
			return v.refuse(value, "ID cannot represent a non-string and non-integer value: %s", show(value))
		}
	default:
		return v.custom(def, value, literal)
	}
	return read
}

// integer reads an Int: a number without decimals of at most 32 bits. In JSON, 3.0 and 3e0 are the number 3.
func (v *visit) integer(value any, literal *ast.Value) any {
	var n float64
	switch number, isNumber := value.(json.Number); {
	case literal != nil && literal.Kind == ast.IntValue:
		n, _ = strconv.ParseFloat(literal.Raw, 64) // infinite if it is too long
	case isNumber:
		n, _ = strconv.ParseFloat(string(number), 64)
	default:
		return v.refuse(value, "Int cannot represent non-integer value: %s", show(value))
	}
	switch {
	case n < math.MinInt32 || n > math.MaxInt32:
		return v.refuse(value, "Int cannot represent non 32-bit signed integer value: %s", show(value))
	case n != math.Trunc(n):
		return v.refuse(value, "Int cannot represent non-integer value: %s", show(value))
	}
	return int64(n)
}

func float(value any, literal *ast.Value) (any, bool) {
	raw, ok := "", false
	if number, isNumber := value.(json.Number); isNumber {
		raw, ok = string(number), true
	}
	if literal != nil && (literal.Kind == ast.IntValue || literal.Kind == ast.FloatValue) {
		raw, ok = literal.Raw, true
	}
	n, err := strconv.ParseFloat(raw, 64)
	return n, ok && err == nil
}

func text(value any, literal *ast.Value) (string, bool) {
	if literal != nil {
		return literal.Raw, literal.Kind == ast.StringValue || literal.Kind == ast.BlockValue
	}
	s, ok := value.(string)
	return s, ok
}

func boolean(value any, literal *ast.Value) (bool, bool) {
	if literal != nil {
		return literal.Raw == "true", literal.Kind == ast.BooleanValue
	}
	b, ok := value.(bool)
	return b, ok
}

// ID reads a value of JSON as an ID, and reports whether it can be one.
func ID(value any) (string, bool) { return id(value, nil) }

// id reads an ID: text, or a whole number, which becomes its digits.
func id(value any, literal *ast.Value) (string, bool) {
	if s, ok := text(value, literal); ok {
		return s, true
	}
	if literal != nil {
		return literal.Raw, literal.Kind == ast.IntValue
	}
	number, ok := value.(json.Number)
	if !ok {
		return "", false
	}
	if number != "-0" && !strings.ContainsAny(string(number), ".eE") {
		return string(number), true
	}
	n, err := strconv.ParseFloat(string(number), 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) >= 1e21 {
		return "", false
	}
	return strconv.FormatFloat(n+0, 'f', -1, 64), true // minus zero is 0
}

// custom reads a value of a custom scalar.
func (v *visit) custom(def *ast.Definition, value any, literal *ast.Value) any {
	if literal != nil {
		if v.unknown && !constant(literal) {
			return nil
		}
		value = v.untyped(literal)
	}
	scalar := v.Scalars[def.Name]
	if scalar == nil {
		return value
	}
	read, err := scalar(value)
	if err != nil {
		return v.refuse(value, "%s", err.Error())
	}
	return read
}

// constant reports whether a literal holds no variable.
func constant(literal *ast.Value) bool {
	return literal.Kind != ast.Variable &&
		!slices.ContainsFunc(literal.Children, func(c *ast.ChildValue) bool { return !constant(c.Value) })
}

// untyped returns a literal as JSON would have it.
func (v *visit) untyped(literal *ast.Value) any {
	switch literal.Kind {
	case ast.Variable:
		return v.vars[literal.Raw]
	case ast.NullValue:
		return nil
	case ast.IntValue, ast.FloatValue:
		return json.Number(literal.Raw)
	case ast.BooleanValue:
		return literal.Raw == "true"
	case ast.ListValue:
		all := make([]any, len(literal.Children))
		for i, child := range literal.Children {
			all[i] = v.untyped(child.Value)
		}
		return all
	case ast.ObjectValue:
		all := make(map[string]any, len(literal.Children))
		for _, child := range literal.Children {
			if !missing(child.Value, v.vars) {
				all[child.Name] = v.untyped(child.Value)
			}
		}
		return all
	}
	return literal.Raw // strings and names
}

// show is a value as an error shows it: cut, since it may be as long as the request.
func show(value any) string {
	const most = 40 // bytes
	shown := ""
	switch value := value.(type) {
	case *ast.Value:
		shown = value.String()
	case json.Number:
		shown = string(value)
	default:
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Sprintf("%T", value)
		}
		shown = string(text)
	}
	return shorten.To(shown, most)
}
