package coerce_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"portico/internal/coerce"
)

// oddSchema has what the schema of Portico does not have.
var oddSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query {
		grid(a: [[Int]]): Int
		cube(a: [[[Int!]!]!]): Int
		float(a: Float): Int
		required(a: Int! = 7): Int
		one(a: One): Int
		deep(a: Deep): Int
		even(a: Even, b: [Even!]): Int
		anything(a: Anything): Int
	}
	input One @oneOf { id: ID name: String }
	input Deep { list: [Deep!] n: Int = 3 m: Int! = 4 text: String! }
	scalar Even
	scalar Anything
`})

var reader = coerce.Reader{Schema: oddSchema, Scalars: map[string]coerce.Scalar{
	"Even": func(value any) (any, error) {
		if number, ok := value.(json.Number); ok && strings.HasSuffix(string(number), "2") {
			return "even " + string(number), nil
		}
		return nil, errors.New("Even must end in 2")
	},
}}

// read returns the arguments of the operation's only field as JSON, or why they are refused.
func read(t *testing.T, text, variables string) string {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	literals := coerce.Literals{Reader: reader}
	all := rules.NewDefaultRules()
	all.ReplaceRule("ValuesOfCorrectType", literals.Observe)
	if errs := validator.ValidateWithRules(oddSchema, doc, all); errs != nil {
		return "invalid: " + errs[0].Message
	}
	literals.Settle()
	given := map[string]any{}
	d := json.NewDecoder(strings.NewReader(variables))
	d.UseNumber()
	if err := d.Decode(&given); err != nil {
		t.Fatal(err)
	}
	vars, refused := reader.Variables(doc.Operations[0], given)
	if refused != nil {
		return "refused: " + refused.Message
	}
	set := doc.Operations[0].SelectionSet
	if spread, ok := set[0].(*ast.FragmentSpread); ok {
		set = spread.Definition.SelectionSet
	}
	f := set[0].(*ast.Field)
	args := map[string]any{}
	refused = reader.Arguments(args, f.Definition.Arguments, f.Arguments, vars)
	if refused != nil {
		return "refused: " + refused.Message
	}
	out, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestInputBeyondTheSchema(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, text, variables, want string }{
		{"a single value for a list of lists", `{grid(a:1)}`, `{}`, `{"a":[[1]]}`},
		{"a list for a list of lists", `{grid(a:[1,null,[2,null]])}`, `{}`, `{"a":[[1],null,[2,null]]}`},
		{"the same by a variable", `query($a:[[Int]]){grid(a:$a)}`, `{"a":[1,null,[2,null]]}`, `{"a":[[1],null,[2,null]]}`},
		{"a single value for it by a variable", `query($a:[[Int]]){grid(a:$a)}`, `{"a":1}`, `{"a":[[1]]}`},
		{"a single value for it by a default", `query($a:[[Int]]=1){grid(a:$a)}`, `{}`, `{"a":[[1]]}`},
		{"a list too deep", `query($a:[[Int]]){grid(a:$a)}`, `{"a":[[[1]]]}`, `refused: Variable "$a" got invalid value [1] at "a[0][0]"; Int cannot represent non-integer value: [1] (used by argument "a")`},
		{"null where three lists allow none", `query($a:[[[Int!]!]!]){cube(a:$a)}`, `{"a":[[[1,null]]]}`, `refused: Variable "$a" got invalid value null at "a[0][0][1]"; Expected non-nullable type "Int!" not to be null. (used by argument "a")`},
		{"an absent variable inside a list", `query($a:Int){grid(a:[[1,$a]])}`, `{}`, `{"a":[[1,null]]}`},

		{"a whole number for a Float", `query($a:Float){float(a:$a)}`, `{"a":3}`, `{"a":3}`},
		{"a whole literal for a Float", `{float(a:3)}`, `{}`, `{"a":3}`},
		{"text for a Float", `query($a:Float){float(a:$a)}`, `{"a":"3"}`, `refused: Variable "$a" got invalid value "3"; Float cannot represent non numeric value: "3" (used by argument "a")`},
		{"a Float without a value", `{float(a:1e999)}`, `{}`, `invalid: Argument "a" has an invalid value: Float cannot represent non numeric value: 1e999`},

		{"the default of an argument that allows no null", `{required}`, `{}`, `{"a":7}`},
		{"an absent variable for it", `query($a:Int){required(a:$a)}`, `{}`, `{"a":7}`},
		{"null by a variable for it", `query($a:Int){required(a:$a)}`, `{"a":null}`, `refused: Argument "a" has an invalid value: Expected non-nullable type "Int!" not to be null (variable "$a").`},
		{"null for it", `{required(a:null)}`, `{}`, `invalid: Argument "a" has an invalid value: Expected non-nullable type "Int!" not to be null.`},

		{"one member of @oneOf", `{one(a:{name:"x"})}`, `{}`, `{"a":{"name":"x"}}`},
		{"two members of @oneOf", `{one(a:{name:"x",id:1})}`, `{}`, `invalid: Argument "a" has an invalid value: Exactly one key must be specified for OneOf type "One".`},
		{"two members of @oneOf by a variable", `query($a:One){one(a:$a)}`, `{"a":{"name":"x","id":null}}`, `refused: Variable "$a" got invalid value {"id":null,"name":"x"}; Exactly one key must be specified for OneOf type "One". (used by argument "a")`},
		{"no member of @oneOf", `query($a:One){one(a:$a)}`, `{"a":{}}`, `refused: Variable "$a" got invalid value {}; Exactly one key must be specified for OneOf type "One". (used by argument "a")`},
		{"a null member of @oneOf", `query($a:One){one(a:$a)}`, `{"a":{"id":null}}`, `refused: Variable "$a" got invalid value {"id":null}; Field "One.id" must be non-null. (used by argument "a")`},
		{"a null literal as a member of @oneOf", `{one(a:{id:null})}`, `{}`, `invalid: Argument "a" has an invalid value: Field "One.id" must be non-null.`},
		{"a variable as a member of @oneOf", `query($a:ID!){one(a:{id:$a})}`, `{"a":5}`, `{"a":{"id":"5"}}`},

		{"defaults of members", `{deep(a:{text:"x"})}`, `{}`, `{"a":{"m":4,"n":3,"text":"x"}}`},
		{"null for a member that has a default", `{deep(a:{text:"x",n:null})}`, `{}`, `{"a":{"m":4,"n":null,"text":"x"}}`},
		{"an absent variable for a member that has a default", `query($a:Int){deep(a:{text:"x",n:$a})}`, `{}`, `{"a":{"m":4,"n":3,"text":"x"}}`},
		{"one object for a list of objects, inside", `query($a:Deep){deep(a:$a)}`, `{"a":{"text":"x","list":{"text":"y"}}}`, `{"a":{"list":[{"m":4,"n":3,"text":"y"}],"m":4,"n":3,"text":"x"}}`},
		{"a member that is missing, inside", `query($a:Deep){deep(a:$a)}`, `{"a":{"text":"x","list":[{}]}}`, `refused: Variable "$a" got invalid value {} at "a.list[0]"; Field "Deep.text" of required type "String!" was not provided. (used by argument "a")`},

		{"a custom scalar as a literal", `{even(a:12)}`, `{}`, `{"a":"even 12"}`},
		{"one of them for a list", `query($b:[Even!]){even(b:$b)}`, `{"b":2}`, `{"b":["even 2"]}`},
		{"a literal that the custom scalar refuses", `{even(a:13)}`, `{}`, `invalid: Argument "a" has an invalid value: Even must end in 2`},
		{"a value that the custom scalar refuses", `query($a:Even){even(a:$a)}`, `{"a":"12"}`, `refused: Variable "$a" got invalid value "12"; Even must end in 2 (used by argument "a")`},
		{"variables inside a custom scalar", `query($a:Int,$b:String){anything(a:{x:[$a,null,1.5,true,NAME,"t"],y:$b})}`, `{"a":1}`, `{"a":{"x":[1,null,1.5,true,"NAME","t"]}}`},
	} {
		t.Run(c.what, func(t *testing.T) {
			if diff := cmp.Diff(c.want, read(t, c.text, c.variables)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// One document may hold two operations that give a variable different defaults.
func TestAVariableHasTheDefaultOfItsOperation(t *testing.T) {
	t.Parallel()
	want := `{"a":{"m":4,"n":3,"text":"x"}}`
	got := read(t, `query A($n:Int){...f} query B($n:Int=9){...f} fragment f on Query{deep(a:{text:"x",n:$n})}`, `{}`)
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
