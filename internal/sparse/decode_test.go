package sparse_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"portico/internal/sparse"
)

// when is a sparse.Text that takes lower-case letters only.
type when string

func (w *when) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if *w = ""; err != nil || token.Kind() == 'n' {
		return err
	}
	if token.Kind() != '"' {
		return errUpper
	}
	return w.ReadText(token.String())
}

func (w *when) ReadText(text string) error {
	if *w = when(text); strings.ToLower(text) != text {
		return errUpper
	}
	return nil
}

var errUpper = &json.SemanticError{}

type inner struct {
	ID    string    `json:"id"`
	Name  *string   `json:"name"`
	Names []*string `json:"names"`
	Plain []string  `json:"plain"`
	When  when      `json:"when"`
	Deep  *deepest  `json:"deep"`

	leftOut bool
}

func (i *inner) LeaveOut() { i.leftOut = true }

type deepest struct {
	Count *int32 `json:"count"`
	Is    *bool  `json:"is"`
}

type outer struct {
	ID     string         `json:"id"`
	Count  *int32         `json:"count"`
	Is     *bool          `json:"is"`
	Name   *string        `json:"name"`
	When   when           `json:"when"`
	One    *inner         `json:"one"`
	Value  deepest        `json:"embedded"`
	Many   []*inner       `json:"many"`
	Lists  [][]*deepest   `json:"lists"`
	Number *int64         `json:"number"`
	Map    map[string]any `json:"map"`
	Self   *outer         `json:"self"`
	Raw    jsontext.Value `json:"raw"`
	Hidden string         `json:"-"`
}

// seeds are texts of all kinds, good ones and others.
var seeds = []string{
	`{}`, ` { } `, `{"id":"a"}`, `{"id":"a","count":-7,"is":true,"name":"n","when":"now"}`,
	`{"id":null,"count":null,"is":null,"name":null,"when":null,"one":null,"many":null,"lists":null,"number":null,"map":null,"embedded":null}`,
	`{"one":{"id":"i","name":"é\u00e9\n\ud83d\ude00","names":["a",null,""],"plain":["x",null],"when":"w","deep":{"count":2147483647,"is":false}}}`,
	"{\"many\" : [ null , {} ,\t{\"id\":\"b\"}\r\n] , \"lists\":[[],[{}],null,[null]],\"names\":[]}", `{"many":[]}`, `{"lists":[]}`,
	`{"embedded":{"count":1},"number":12345678901,"map":{"a":[1,{"b":null}]},"self":{"self":{"id":"s"}}}`,
	`{"raw" : [1, {"a":"é"}] ,"count":1}`, `{"raw":null}`, `{"raw":"\u0061"}`, `{"one":{"when":""}}`,
	`{"@odata.type":"#x","more":{"a":[1,-0.5e+7,true,false,null,"\\"]},"id":"a"}`, `{"more":[],"less":[[]]}`,
	// What package json refuses, from good on.
	``, `null`, `[]`, `{`, `{"raw":}`, `{"raw":[1,]}`, `{"raw":{"a":1,"a":1}}`, `{"id"`, `{"id":`, `{"id":"a"`, `{"id":"a",}`, `{"id":"a"}x`, `{"id":"a"}{}`, `{,}`, `{"id" "a"}`, `{id:1}`, `{"a":[1,]}`, `{"a":[,1]}`,
	`{"id":"a","id":"b"}`, `{"x":1,"x":2}`, `{"x":{"y":1,"y":2}}`, `{"x":[{"y":1,"z":1,"y":2}]}`, `{"one":{"id":"a","id":"b"}}`, `{"one":{"u":1,"u":1}}`,
	"{\"id\":\"\xff\"}", "{\"x\":\"\xc3\"}", "{\"id\":\"a\nb\"}", `{"id":"\x"}`, `{"x":"\u12"}`, `{"x":"\ud800"}`, `{"id":"\ud800x"}`, `{"x":"\`, `{"x":"\"`,
	`{"count":01}`, `{"x":01}`, `{"x":-}`, `{"x":1.}`, `{"x":.5}`, `{"x":1e}`, `{"x":+1}`, `{"x":tru}`, `{"x":nul}`, `{"x":nullx}`, `{"x":truefalse}`, `{"x":1 2}`,
	`{"count":2147483648}`, `{"count":1.0}`, `{"count":1e2}`, `{"count":"1"}`, `{"count":-0}`, `{"is":"true"}`, `{"is":1}`, `{"id":1}`, `{"name":{}}`, `{"one":[]}`, `{"many":{}}`,
	`{"one":"x"}`, `{"when":"UP"}`, `{"when":7}`, `{"number":"x"}`, `{"map":[]}`, `{"self":{"self":7}}`, `{"embedded":[]}`,
	// What is left to package json because it is unusual.
	`{` + members(65) + `}`, `{"one":{` + members(65) + `}}`, `{"many":[` + strings.Repeat(`{`+members(64)+`},`, 17) + `{}],"` + strings.Repeat("x", 129) + `":1}`,
	`{"many":[` + manyNames(1100) + `]}`,
	`{"\u0069d":"a"}`, `{"x\n":1}`, `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	`{"many":[{"when":"UP"}]}`, `{"one":{"when":"UP","names":[1]}}`,
}

// members returns that many members with different names.
func members(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"m%d":%d`, i, i)
	}
	return strings.Join(all, ",")
}

// manyNames returns that many objects, each with a name of its own.
func manyNames(n int) string { return "{" + strings.ReplaceAll(members(n), ",", "},{") + "}" }

// good is how many of the seeds are to be read.
const good = 16

func some() *sparse.Properties {
	p := sparse.NewProperties()
	p.Add("name")
	p.Add("deep")
	return p
}

// FuzzRead holds the one rule of the package: what Read takes, package json takes, and reads the same way, but for
// properties that were not asked for.
func FuzzRead(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) { compare(t, text) })
}

// FuzzReadAfter reads two texts one after the other: the first must not change how the second is read, although it
// foretells names.
func FuzzReadAfter(f *testing.F) {
	for i, seed := range seeds {
		f.Add([]byte(seed), []byte(seeds[(i+1)%len(seeds)]))
	}
	f.Add([]byte(`{"a":1,"b":2,"c":3}`), []byte(`{"c":1,"b":2,"c":3}`))
	f.Add([]byte(`{"many":[{"a":1,"b":1},{"b":1}]}`), []byte(`{"many":[{"b":1,"a":1},{"b":1,"b":1}]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		sparse.Read(first, new(outer), some(), 0)
		compare(t, second)
	})
}

func compare(t *testing.T, text []byte) (read bool) {
	t.Helper()
	want := new(outer)
	err := json.Unmarshal(text, want)
	got := new(outer)
	read = sparse.Read(text, got, nil, 0)
	if valid := sparse.Valid(text); valid && !jsontext.Value(text).IsValid() || read && !valid {
		t.Fatalf("%q: read is %t, valid is %t", text, read, valid)
	}
	if read && (err != nil || !reflect.DeepEqual(want, got)) {
		t.Fatalf("%q\npackage json: %v\n(-json +sparse):\n%s", text, err, cmp.Diff(want, got, unexported))
	}
	part := new(outer)
	if sparse.Read(text, part, some(), 0) {
		if !jsontext.Value(text).IsValid() {
			t.Fatalf("%q is not valid and was read in part", text)
		}
		if err == nil {
			cutTo(want, part)
			if diff := cmp.Diff(want, part, unexported); diff != "" {
				t.Fatalf("%q, in part (-want +got):\n%s", text, diff)
			}
		}
	} else if read {
		t.Fatalf("%q is read in whole and not in part", text)
	}
	return read
}

var unexported = cmp.AllowUnexported(outer{}, inner{})

// cutTo sets what some leaves out of a value to zero. It takes over who was told of it.
func cutTo(o, told *outer) {
	cut := func(i, told *inner) {
		if i != nil {
			i.Names, i.Plain, i.When, i.leftOut = nil, nil, "", told.leftOut
			cutDeepest(i.Deep)
		}
	}
	if o.One != nil {
		// Nothing else is left out. An empty text is left out as well, and cannot be told from null here.
		o.One.leftOut = told.One.leftOut || o.One.Names != nil || o.One.Plain != nil || o.One.When != ""
	}
	cut(o.One, o.One)
	for i := range o.Many {
		cut(o.Many[i], told.Many[i])
	}
	cutDeepest(&o.Value)
	for _, list := range o.Lists {
		for _, d := range list {
			cutDeepest(d)
		}
	}
}

func cutDeepest(d *deepest) {
	if d != nil {
		d.Count, d.Is = nil, nil
	}
}

func TestReadAgreesWithPackageJSON(t *testing.T) {
	for i, seed := range seeds {
		if read, want := compare(t, []byte(seed)), i < good; read != want {
			t.Errorf("%q: read is %t", seed, read)
		}
	}
}

// What was read before foretells names, and nothing else.
func TestReadAfterOtherTexts(t *testing.T) {
	wants := make([]*outer, good)
	for i := range wants {
		wants[i] = new(outer)
		if err := json.Unmarshal([]byte(seeds[i]), wants[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, first := range seeds {
		for i, second := range seeds {
			sparse.Read([]byte(first), new(outer), some(), 0)
			got := new(outer)
			switch read := sparse.Read([]byte(second), got, nil, 0); {
			case read != (i < good):
				t.Errorf("%q after %q: read is %t", second, first, read)
			case read && !reflect.DeepEqual(got, wants[i]):
				t.Errorf("%q after %q (-want +got):\n%s", second, first, cmp.Diff(wants[i], got, unexported))
			}
		}
	}
}

// Members may come in another order, be left out or be added, from one object to the next.
func TestReadOfMembersInAnyOrder(t *testing.T) {
	orders := []string{`"id":"i","a":1,"b":{"x":1}`, `"b":{},"id":"i"`, `"a":[],"z":"","id":"i","b":null`, `"id":"i"`, ``, `"id":"i","z":1,"b":1,"a":1`}
	for _, first := range orders {
		for _, second := range orders {
			if !compare(t, []byte(`{"many":[{`+first+`},{`+second+`},{`+first+`}],`+second+`}`)) && second != "" {
				t.Errorf("%q, then %q: not read", first, second)
			}
		}
		if compare(t, []byte(`{"many":[{`+orders[0]+`},{`+first+`,"id":"j"}]}`)) {
			t.Errorf("%q with another id: read", first)
		}
	}
}

// A value that nobody reads costs nothing if it is wrong, as long as the text is valid.
func TestReadSkipsWhatIsNotAskedFor(t *testing.T) {
	got := new(outer)
	text := `{"id":"a","when":"now","one":{"id":"i","name":"n","when":"UP","names":7,"deep":{"count":"x"}},"many":[{"when":null,"names":null}]}`
	if !sparse.Read([]byte(text), got, some(), 0) {
		t.Fatal("not read")
	}
	name := "n"
	want := &outer{ID: "a", When: "now", One: &inner{ID: "i", Name: &name, Deep: &deepest{}, leftOut: true}, Many: []*inner{{}}}
	if diff := cmp.Diff(want, got, unexported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadOfManyValues(t *testing.T) {
	item := `{"id":"i","name":"` + strings.Repeat("n", 100) + `","names":["` + strings.Repeat("m", 3000) + `","x"],"deep":{"count":7,"is":true}}`
	if !compare(t, []byte(`{"many":[`+strings.Repeat(item+",", 200)+item+`]}`)) {
		t.Error("not read")
	}
}

// Types with tags that only package json knows are left to it.
func TestReadLeavesUnusualTypesToPackageJSON(t *testing.T) {
	for name, target := range map[string]any{
		"an option": new(struct {
			ID string `json:"id,string"`
		}),
		"an embedded type":    new(struct{ deepest }),
		"no tag":              new(struct{ ID string }),
		"more than 64 fields": reflect.New(wide()).Interface(),
	} {
		if sparse.Read([]byte(`{}`), target, nil, 0) {
			t.Errorf("%s: read", name)
		}
	}
}

func wide() reflect.Type {
	fields := make([]reflect.StructField, 65)
	for i := range fields {
		name := "F" + strings.Repeat("x", i)
		fields[i] = reflect.StructField{Name: name, Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"` + name + `"`)}
	}
	return reflect.StructOf(fields)
}
