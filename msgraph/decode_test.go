package msgraph_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

// stamp is a type that decodes itself, as the times of an entity do.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return err
	}
	s.Time, err = time.Parse(time.RFC3339, token.String())
	return err
}

type reference struct {
	ID string `json:"id"`
}

type banner struct {
	Banner        *string `json:"banner"`
	TimesObserved *int32  `json:"timesObserved"`
}

type port struct {
	ID            string     `json:"id"`
	Port          *int32     `json:"port"`
	Status        *string    `json:"status"`
	IsRecent      *bool      `json:"isRecent"`
	TimesObserved *int32     `json:"timesObserved"`
	FirstSeen     *stamp     `json:"firstSeenDateTime"`
	Host          *reference `json:"host"`
	Banners       []*banner  `json:"banners"`
	Services      []*banner  `json:"services"`
	Tags          []string   `json:"tags"`
}

func ptr[T any](v T) *T { return &v }

func TestEntityReadsEveryShapeOfResponse(t *testing.T) {
	want := &port{ID: "p1", Port: ptr(int32(21)), Host: &reference{ID: "h1"}}
	const bare = `{"@odata.context":"https://x/$metadata#a","id":"p1","port":21,"host":{"id":"h1"},"more":{"a":[1]}}`
	for name, body := range map[string]string{
		"bare":                             bare,
		"bare, without annotation":         "{" + bare[strings.Index(bare, `"id"`):],
		"bare, spaced out":                 " { \"@odata.context\" : \"x\" , \"id\" : \"p1\",\"port\":21,\"host\":{\"id\":\"h1\"}}\r\n",
		"bare, annotation is not a string": `{"@odata.count":1,"id":"p1","port":21,"host":{"id":"h1"}}`,
		"bare, annotation escaped":         `{"@odata.context":"a\"b","id":"p1","port":21,"host":{"id":"h1"}}`,
		"bare, with a property value":      `{"value":"x","id":"p1","port":21,"host":{"id":"h1"}}`,
		"bare, with an object in value":    `{"value":{"id":"no"},"id":"p1","port":21,"host":{"id":"h1"}}`,
		"wrapped":                          `{"value":` + bare + `}`,
		"wrapped, annotated":               `{"@odata.context":"c","value":` + bare + `,"@odata.count":1}`,
		"wrapped, as a list of one":        `{"value":[` + bare + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, invalid, err := msgraph.Entity[port]([]byte(body), msgraph.Asked{})
			if err != nil || invalid != nil {
				t.Fatalf("invalid %v, error %v", invalid, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("entity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEntityReportsABoundedNumberOfLostValues(t *testing.T) {
	body := `{"id":"p1","tags":[` + strings.Repeat("1,", 5000) + `1]}`
	got, lost, err := msgraph.Entity[port]([]byte(body), msgraph.Asked{})
	if err != nil || len(got.Tags) != 5001 || len(lost) != 101 {
		t.Errorf("got %d tags, %d lost, %v", len(got.Tags), len(lost), err)
	}
}

func TestEntityIsNilWhereThereIsNone(t *testing.T) {
	for _, body := range []string{`null`, ` null `, `{"value":null}`, `{"value":[]}`, `{"@odata.context":"c","value":null}`} {
		got, invalid, err := msgraph.Entity[port]([]byte(body), msgraph.Asked{})
		if got != nil || invalid != nil || err != nil {
			t.Errorf("%s: got %v, %v, %v; want nothing", body, got, invalid, err)
		}
	}
}

func TestEntityRefusesWhatIsNoEntity(t *testing.T) {
	for name, body := range map[string]string{
		"empty":                  ``,
		"empty object":           `{}`,
		"only annotations":       `{"@odata.context":"c"}`,
		"list":                   `[{"id":"p1"}]`,
		"text":                   `"id"`,
		"number":                 `1`,
		"NaN":                    `NaN`,
		"NaN inside":             `{"id":"p1","port":NaN}`,
		"HTML":                   `<!doctype html><p>secret`,
		"torn in a name":         `{"id":"p1","po`,
		"torn in a value":        `{"id":"p1","status":"op`,
		"torn before the end":    `{"id":"p1"`,
		"byte order mark":        "\xef\xbb\xbf" + `{"id":"p1"}`,
		"UTF-16":                 "{\x00\"\x00i\x00d\x00\"\x00:\x00\"\x00p\x00\"\x00}\x00",
		"trailing bytes":         `{"id":"p1"}x`,
		"second object":          `{"id":"p1"}{"id":"p2"}`,
		"trailing after null":    `null x`,
		"trailing after wrapper": `{"value":{"id":"p1"}} x`,
		"doubled name":           `{"id":"p1","port":1,"port":2}`,
		"doubled value":          `{"value":{"id":"p1"},"value":{"id":"p1"}}`,
		"doubled name inside":    `{"id":"p1","host":{"id":"a","id":"b"}}`,
		"depth 10,000":           `{"id":"p1","x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`,
		"depth 10,000 wrapped":   `{"value":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`,
		"no id":                  `{"port":21}`,
		"empty id":               `{"id":"","port":21}`,
		"null id":                `{"id":null,"port":21}`,
		"id is a number":         `{"id":5,"port":21}`,
		"id is an object":        `{"id":{},"port":21}`,
		"list of two":            `{"value":[{"id":"p1"},{"id":"p2"}]}`,
		"list of a number":       `{"value":[1]}`,
		"torn value":             `{"value":{"id":`,
		"id of a wrapped one":    `{"value":{"port":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := msgraph.Entity[port]([]byte(body), msgraph.Asked{})
			failure, ok := errors.AsType[*msgraph.Error](err)
			if got != nil || !ok || failure.Kind != msgraph.BadResponse {
				t.Fatalf("got %v, %v; want a bad response", got, err)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), `"p1"`) {
				t.Errorf("error quotes the body: %v", err)
			}
		})
	}
}

func TestEntityLosesOnlyWhatCannotBeRead(t *testing.T) {
	long := `"` + strings.Repeat("ä", 150) + `"`
	for name, row := range map[string]struct {
		member string
		want   port
		lost   []msgraph.Invalid
	}{
		"port as text":         {`"port":"21"`, port{Port: ptr(int32(21))}, []msgraph.Invalid{{Path: []string{"port"}, Raw: `"21"`, Coerced: true}}},
		"port with fraction":   {`"port":21.0`, port{Port: ptr(int32(21))}, []msgraph.Invalid{{Path: []string{"port"}, Raw: `21.0`, Coerced: true}}},
		"port out of range":    {`"port":1e99`, port{}, []msgraph.Invalid{{Path: []string{"port"}, Raw: `1e99`}}},
		"port as list":         {`"port":[]`, port{}, []msgraph.Invalid{{Path: []string{"port"}, Raw: `[]`}}},
		"one over 32 bits":     {`"timesObserved":2147483648`, port{}, []msgraph.Invalid{{Path: []string{"timesObserved"}, Raw: `2147483648`}}},
		"banners as object":    {`"banners":{}`, port{}, []msgraph.Invalid{{Path: []string{"banners"}, Raw: `{}`}}},
		"services null":        {`"services":null`, port{}, nil},
		"flag as text":         {`"isRecent":"true"`, port{}, []msgraph.Invalid{{Path: []string{"isRecent"}, Raw: `"true"`}}},
		"no date":              {`"firstSeenDateTime":"2016-17-13T08:43:41.00Z"`, port{}, []msgraph.Invalid{{Path: []string{"firstSeenDateTime"}, Raw: `"2016-17-13T08:43:41.00Z"`}}},
		"host as text":         {`"host":"h1"`, port{}, []msgraph.Invalid{{Path: []string{"host"}, Raw: `"h1"`}}},
		"long text for a flag": {`"isRecent":` + long, port{}, []msgraph.Invalid{{Path: []string{"isRecent"}, Raw: long[:199]}}},
		"deep inside": {
			`"banners":[{"banner":"a"},{"banner":"b","timesObserved":"x"},7]`,
			port{Banners: []*banner{{Banner: ptr("a")}, {Banner: ptr("b")}, nil}},
			[]msgraph.Invalid{{Path: []string{"banners", "1", "timesObserved"}, Raw: `"x"`}, {Path: []string{"banners", "2"}, Raw: `7`}},
		},
		"one of a list of texts": {`"tags":["a",1]`, port{Tags: []string{"a", ""}}, []msgraph.Invalid{{Path: []string{"tags", "1"}, Raw: `1`}}},
		"several": {
			`"isRecent":0,"port":"x","status":"open"`,
			port{Status: ptr("open")},
			[]msgraph.Invalid{{Path: []string{"isRecent"}, Raw: `0`}, {Path: []string{"port"}, Raw: `"x"`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, lost, err := msgraph.Entity[port]([]byte(`{"id":"p1",`+row.member+`}`), msgraph.Asked{})
			if err != nil {
				t.Fatal(err)
			}
			row.want.ID = "p1"
			if diff := cmp.Diff(&row.want, got); diff != "" {
				t.Errorf("entity (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.lost, lost); diff != "" {
				t.Errorf("invalid (-want +got):\n%s", diff)
			}
		})
	}
}
