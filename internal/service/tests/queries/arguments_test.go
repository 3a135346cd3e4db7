package queries_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/internal/service/servicetest"

	"github.com/google/go-cmp/cmp"
)

// inputRow is input that GraphQL has a rule for.
type inputRow struct {
	what, text string
	variables  map[string]any
	want       string // data, or what the errors are, as "path: code"
	sent       int    // items
}

func (r inputRow) check(t *testing.T, s *servicetest.Service) {
	t.Helper()
	before := itemsSent(s)
	a := s.Send(t, servicetest.Operation{Accept: "application/json", Query: r.text, Variables: r.variables})
	got := strings.Join(a.ErrorList(), " ")
	if got == "" {
		got = a.Data
	}
	if diff := cmp.Diff(r.want, got); diff != "" {
		t.Errorf("-want +got:\n%s%v\n%s", diff, a.Errors, a.Data)
	}
	if sent := itemsSent(s) - before; sent != r.sent {
		t.Errorf("sent %d items, want %d", sent, r.sent)
	}
}

// itemsSent is how many items the emulator was sent, in batches or alone.
func itemsSent(s *servicetest.Service) (n int) {
	for _, r := range s.Emulator.Requests() {
		n += max(1, len(r.Items))
	}
	return n
}

const (
	badInput    = ": BAD_USER_INPUT"
	badDocument = ": GRAPHQL_VALIDATION_FAILED"
	badSyntax   = ": GRAPHQL_PARSE_FAILED"
)

func vars(name string, value any) map[string]any { return map[string]any{name: value} }

const redirects = `{"host":{"hostPairs":{"totalCount":2}}}`

var inputRows = []inputRow{
	{"one value for a variable of a list", `query($k:[String!]){host(id:"192.0.2.1"){hostPairs(where:{linkKind:$k},first:3){totalCount}}}`, vars("k", "redirect"), redirects, 1},
	{"a list of one for it", `query($k:[String!]){host(id:"192.0.2.1"){hostPairs(where:{linkKind:$k},first:3){totalCount}}}`, vars("k", []string{"redirect"}), redirects, 1},
	{"one value as its default", `query($k:[String!]="redirect"){host(id:"192.0.2.1"){hostPairs(where:{linkKind:$k},first:3){totalCount}}}`, nil, redirects, 1},
	{"one value as a literal", `{host(id:"192.0.2.1"){hostPairs(where:{linkKind:"redirect"},first:3){totalCount}}}`, nil, redirects, 1},
	{"one id for a variable of ids", `query($i:[ID!]!){hosts(ids:$i){id}}`, vars("i", "192.0.2.1"), `{"hosts":[{"id":"192.0.2.1"}]}`, 1},
	{"one member for a variable of members inside an object", `query($s:[HostPortStatus!]){host(id:"192.0.2.1"){ports(where:{status:$s}){isTruncated}}}`, vars("s", "OPEN"), `{"host":{"ports":{"isTruncated":false}}}`, 1},
	{"one value for a list in a variable of an object", `query($w:HostPortFilter){host(id:"192.0.2.1"){ports(where:$w){isTruncated}}}`, vars("w", map[string]any{"port": 443, "status": "OPEN"}), `{"host":{"ports":{"isTruncated":false}}}`, 1},

	{"text for an Int", `query($n:Int){host(id:"192.0.2.1"){ports(first:$n){nodes{port}}}}`, vars("n", "2"), badInput, 0},
	{"a fraction for an Int", `query($n:Int){host(id:"192.0.2.1"){ports(first:$n){nodes{port}}}}`, vars("n", 2.5), badInput, 0},
	{"true for an Int", `query($n:Int){host(id:"192.0.2.1"){ports(first:$n){nodes{port}}}}`, vars("n", true), badInput, 0},
	{"text for an Int inside an object", `query($w:HostPortFilter){host(id:"192.0.2.1"){ports(where:$w){nodes{port}}}}`, vars("w", map[string]any{"port": []any{"443"}}), badInput, 0},
	{"text as the literal of an Int", `{host(id:"192.0.2.1"){ports(first:"2"){nodes{port}}}}`, nil, badDocument, 0},
	{"a whole number with decimals as the literal of an Int", `{host(id:"192.0.2.1"){ports(first:2.0){nodes{port}}}}`, nil, badDocument, 0},
	{"a number for a String", `query($s:String){articles(search:$s){totalCount}}`, vars("s", 5), badInput, 0},
	{"an object for a String", `{articles(search:{}){totalCount}}`, nil, badDocument, 0},
	{"a list for an ID", `query($i:ID!){host(id:$i){id}}`, vars("i", []string{"192.0.2.1"}), badInput, 0},

	{"no value of a condition", `{host(id:"192.0.2.1"){hostPairs(where:{linkKind:[]}){totalCount nodes{id}}}}`, nil, `{"host":{"hostPairs":{"totalCount":0,"nodes":[]}}}`, 0},
	{"no value by a variable", `query($k:[String!]){host(id:"192.0.2.1"){hostPairs(where:{linkKind:$k}){totalCount pageInfo{hasNextPage endCursor}}}}`, vars("k", []string{}), `{"host":{"hostPairs":{"totalCount":0,"pageInfo":{"hasNextPage":false,"endCursor":null}}}}`, 0},
	{"no value by a default", `query($k:[String!]=[]){host(id:"192.0.2.1"){childHostPairs(where:{linkKind:$k}){totalCount}}}`, nil, `{"host":{"childHostPairs":{"totalCount":0}}}`, 0},
	{"no state of ports", `{host(id:"192.0.2.1"){ports(where:{status:[]}){totalCount isTruncated nodes{port host{id firstSeenDateTime}}}}}`, nil, `{"host":{"ports":{"totalCount":0,"isTruncated":false,"nodes":[]}}}`, 0},
	{"no number of ports beside a state", `query($p:[Int!]){host(id:"192.0.2.1"){ports(where:{status:OPEN,port:$p}){totalCount}}}`, vars("p", []int{}), `{"host":{"ports":{"totalCount":0}}}`, 0},
	{"no ids", `{hosts(ids:[]){id} articlesByIds(ids:[]){id}}`, nil, `{"hosts":[],"articlesByIds":[]}`, 0},
	{"null for a condition", `{host(id:"192.0.2.1"){hostPairs(where:{linkKind:null},first:null){pageInfo{hasPreviousPage}}}}`, nil, `{"host":{"hostPairs":{"pageInfo":{"hasPreviousPage":false}}}}`, 1},

	{"null for an id that has a default", `query($a:ID="192.0.2.1"){host(id:$a){id}}`, vars("a", nil), badInput, 0},
	{"null for ids that have a default", `query($a:[ID!]=["192.0.2.1"]){hosts(ids:$a){id}}`, vars("a", nil), badInput, 0},
	{"null for a value of a search that has a default", `query($v:String="1"){sslCertificates(search:{sha1:$v}){totalCount}}`, vars("v", nil), badDocument, 0},
	{"null inside a list", `query($a:ID="192.0.2.1"){hosts(ids:["192.0.2.2",$a]){id}}`, vars("a", nil), badInput, 0},
	{"null for an id, beside a field that is right", `query($a:ID="192.0.2.1"){host(id:$a){id} other:host(id:"192.0.2.2"){reputation{score}}}`, vars("a", nil), badInput, 0},
	{"null for an id of a field that is left out", `query($a:ID="192.0.2.1"){host(id:$a) @skip(if:true){id} __typename}`, vars("a", nil), `{"__typename":"Query"}`, 0},
	{"no value for an id that has a default", `query($a:ID="192.0.2.1"){host(id:$a){id}}`, nil, `{"host":{"id":"192.0.2.1"}}`, 1},
	{"null for the name of a type", `query($n:String="Host"){__type(name:$n){name}}`, vars("n", nil), badInput, 0},

	{"null for @include", `query($v:Boolean=true){hostPort(id:"MTkyLjAuMi4xJCQ0NDM="){port status @include(if:$v)}}`, vars("v", nil), badInput, 0},
	{"null for @skip", `query($v:Boolean=true){hostPort(id:"MTkyLjAuMi4xJCQ0NDM="){port status @skip(if:$v)}}`, vars("v", nil), badInput, 0},
	{"null for @include at the root", `query($v:Boolean=true){host(id:"192.0.2.1") @include(if:$v){id}}`, vars("v", nil), badInput, 0},
	{"null for @include of a fragment", `query($v:Boolean=true){...on Query @include(if:$v){host(id:"192.0.2.1"){id}}}`, vars("v", nil), badInput, 0},
	{"null for @skip of a spread", `query($v:Boolean=true){...f @skip(if:$v)} fragment f on Query{host(id:"192.0.2.1"){id}}`, vars("v", nil), badInput, 0},
	{"text for @include", `query($v:Boolean!){host(id:"192.0.2.1") @include(if:$v){id}}`, vars("v", "true"), badInput, 0},

	{"a number beyond 32 bits", `{host(id:"192.0.2.1"){ports(first: 99999999999){nodes{port}}}}`, nil, badDocument, 0},
	{"a number beyond 64 bits", `{host(id:"192.0.2.1"){ports(first: 99999999999999999999999){nodes{port}}}}`, nil, badDocument, 0},
	{"the first number beyond 32 bits", `{host(id:"192.0.2.1"){ports(first: 2147483648){nodes{port}}}}`, nil, badDocument, 0},
	{"a number beyond 32 bits as a default", `query($n:Int=99999999999){host(id:"192.0.2.1"){ports(first:$n){nodes{port}}}}`, nil, badDocument, 0},
	{"a number beyond 32 bits by a variable", `query($n:Int){host(id:"192.0.2.1"){ports(first:$n){nodes{port}}}}`, vars("n", 99999999999), badInput, 0},
	{"a number beyond 32 bits inside an object", `query($w:HostPortFilter){host(id:"192.0.2.1"){ports(where:$w){nodes{port}}}}`, vars("w", map[string]any{"port": 1e300}), badInput, 0},
	{"a wrong member by a variable", `query($o:SeenOrder){host(id:"192.0.2.1"){ports(orderBy:$o){nodes{port}}}}`, vars("o", "SOMETIME"), badInput, 0},
	{"a member in small letters by a variable", `query($o:SeenOrder){host(id:"192.0.2.1"){ports(orderBy:$o){nodes{port}}}}`, vars("o", "last_seen_desc"), badInput, 0},
	{"a wrong member inside an object", `query($w:HostPortFilter){host(id:"192.0.2.1"){ports(where:$w){nodes{port}}}}`, vars("w", map[string]any{"status": []any{"OPEN", "AJAR"}}), badInput, 0},
	{"a wrong member as a literal", `{host(id:"192.0.2.1"){ports(orderBy:SOMETIME){nodes{port}}}}`, nil, badDocument, 0},
	{"a wrong member as a default", `query($o:SeenOrder=SOMETIME){host(id:"192.0.2.1"){ports(orderBy:$o){nodes{port}}}}`, nil, badDocument, 0},
	{"a member as text", `{host(id:"192.0.2.1"){ports(orderBy:"LAST_SEEN_DESC"){nodes{port}}}}`, nil, badDocument, 0},
	{"a number for a member", `query($o:SeenOrder){host(id:"192.0.2.1"){ports(orderBy:$o){nodes{port}}}}`, vars("o", 1), badInput, 0},
	{"an unknown member of an object", `query($s:SslCertificateSearch!){sslCertificates(search:$s){totalCount}}`, vars("s", map[string]any{"sha1": "1", "mode": "x"}), badInput, 0},
	{"a search without a property", `query($s:SslCertificateSearch!){sslCertificates(search:$s){totalCount}}`, vars("s", map[string]any{}), badInput, 0},
	{"a search for two properties", `query($s:SslCertificateSearch!){sslCertificates(search:$s){totalCount}}`, vars("s", map[string]any{"sha1": "1", "serialNumber": "1"}), badInput, 0},
	{"a search for null", `query($s:SslCertificateSearch!){sslCertificates(search:$s){totalCount}}`, vars("s", map[string]any{"subject": map[string]any{"email": nil}}), badInput, 0},
	{"a search for a variable that is null", `query($s:String!="x"){sslCertificates(search:{sha1:$s}){totalCount}}`, vars("s", nil), badInput, 0},
	{"an impossible date in a variable", `query($d:DateTime){host(id:"192.0.2.1"){ports(where:{lastSeenSince:$d}){totalCount}}}`, vars("d", "2016-17-13T00:00:00Z"), badInput, 0},
	{"a number for a date", `{host(id:"192.0.2.1"){ports(where:{lastSeenSince:2016}){totalCount}}}`, nil, badDocument, 0},

	{"an id that cannot be one, beside a field that is right", `{host(id:""){firstSeenDateTime} other:host(id:"192.0.2.1"){reputation{score}}}`, nil, "host: BAD_ID", 1},
	{"a page that is too long, beside a field that is right", `{host(id:"192.0.2.1"){ports(first:500){nodes{port}} reputation{score}}}`, nil, "host.ports: LIMIT_FIRST", 1},

	{"half a surrogate pair", `{articles(search:"\uD83D"){totalCount}}`, nil, badSyntax, 0},
	{"the other half", `{articles(search:"x\uDE00y"){totalCount}}`, nil, badSyntax, 0},
	{"the halves in the wrong order", `{articles(search:"\uDE00\uD83D"){totalCount}}`, nil, badSyntax, 0},
	{"two first halves", `{articles(search:"\uD83D\uD83D"){totalCount}}`, nil, badSyntax, 0},
	{"half a pair in braces", `{articles(search:"\u{D83D}"){totalCount}}`, nil, badSyntax, 0},
	{"half a pair as a default", `query($s:String="\uD83D"){articles(search:$s){totalCount}}`, nil, badSyntax, 0},
	{"a code point beyond Unicode", `{articles(search:"\u{110000}"){totalCount}}`, nil, badSyntax, 0},
	{"an escape that is cut", `{articles(search:"\u12"){totalCount}}`, nil, badSyntax, 0},
	{"a number with a name behind it", `{host(id:"192.0.2.1"){ports(first:1after:"x"){totalCount}}}`, nil, badSyntax, 0},
	{"a number with a second point", `{host(id:"192.0.2.1"){ports(first:1.0.0){totalCount}}}`, nil, badSyntax, 0},
	{"a whole pair", `{articles(search:"\uD83D\uDE00"){nodes{id}}}`, nil, `{"articles":{"nodes":[]}}`, 1},
	{"half a pair in a comment and in a block string", "{\n# \"\\uD83D\"\n" + `articles(search:"""\uD83D"""){nodes{id}}}`, nil, `{"articles":{"nodes":[]}}`, 1},
}

// Input is read by the specification of GraphQL. A field, or a request, that is refused sends nothing.
func TestInputIsReadByTheSpecification(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	for _, row := range inputRows {
		t.Run(row.what, func(t *testing.T) { row.check(t, s) })
	}
}

// An error about a value says which argument it is for, and what would be right.
func TestErrorsAboutValuesNameTheArgument(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
	for _, c := range []struct {
		what, text string
		variables  map[string]any
		want       string
	}{
		{"a number beyond 32 bits", `{host(id:"x"){ports(first: 99999999999){totalCount}}}`, nil, `Argument "first" has an invalid value: Int cannot represent non 32-bit signed integer value: 99999999999`},
		{"a wrong member by a variable", `query($o:WhoisOrder){whoisRecords(search:{admin:{email:"x"}},orderBy:$o){totalCount}}`, vars("o", "X"), `Variable "$o" got invalid value "X"; Value "X" does not exist in "WhoisOrder" enum. Use one of REGISTRATION_DESC, REGISTRATION_ASC, EXPIRATION_DESC, EXPIRATION_ASC, HOST_ASC, HOST_DESC, LAST_SEEN_DESC, LAST_SEEN_ASC, FIRST_SEEN_DESC, FIRST_SEEN_ASC, LAST_UPDATE_DESC, LAST_UPDATE_ASC. (used by argument "orderBy")`},
		{"text for a number inside an object", `query($w:HostPortFilter){...f} fragment f on Query{host(id:"x"){ports(where:$w){totalCount}}}`, vars("w", map[string]any{"port": []any{1, "2"}}), `Variable "$w" got invalid value "2" at "w.port[1]"; Int cannot represent non-integer value: "2" (used by argument "where")`},
		{"null for an id", `query($a:ID="x"){host(id:$a){id}}`, vars("a", nil), `Argument "id" has an invalid value: Expected non-nullable type "ID!" not to be null (variable "$a").`},
		{"null for a condition", `query($v:Boolean=true){host(id:"x") @include(if:$v){id}}`, vars("v", nil), `@include: Argument "if" has an invalid value: Expected non-nullable type "Boolean!" not to be null (variable "$v").`},
		{"no value", `query($i:ID!){host(id:$i){id}}`, nil, `Variable "$i" of required type "ID!" was not provided. (used by argument "id")`},
		{"a value that is long", `query($n:Int){host(id:"x"){ports(first:$n){totalCount}}}`, vars("n", strings.Repeat("é", 500)), fmt.Sprintf(`Variable "$n" got invalid value "%[1]s…; Int cannot represent non-integer value: "%[1]s… (used by argument "first")`, strings.Repeat("é", 19))},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := s.Send(t, servicetest.Operation{Accept: "application/json", Query: c.text, Variables: c.variables})
			if len(a.Errors) != 1 {
				t.Fatalf("%d errors: %v %s", len(a.Errors), a.Errors, a.Data)
			}
			if diff := cmp.Diff(c.want, a.Errors[0].Message); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
