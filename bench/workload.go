package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"portico/msgraph"
	"portico/threatintel"
)

// A workload is many operations of one kind, as they are sent to Portico and to the proxy.
type workload struct {
	name, what string
	portico    []operation
	proxy      []operation // the same requests that Portico sends upstream, sent by the client itself, one after another
	trip       []operation // one request of proxy's: the one round trip that there must be
}

// An operation is the HTTP requests that it takes, whole as they are written.
type operation [][]byte

const (
	scalars   = "port status protocol lastSeenDateTime"
	portFacts = "mostRecentSslCertificate { sha1 } host { firstSeenDateTime }"

	queryPorts = `query Ports($id: ID!) { host(id: $id) { ports(first: 100) { nodes { id ` + scalars + ` ` + portFacts + ` } } } }`

	queryScalars = `query Scalars($id: ID!) { hostPort(id: $id) { ` + scalars + ` } }`
	queryWhole   = `query Whole($id: ID!) { hostPort(id: $id) { port status timesObserved ` +
		`banners { banner scanProtocol timesObserved firstSeenDateTime lastSeenDateTime } ` +
		`services { isRecent firstSeenDateTime component { id name version category } } ` +
		`mostRecentSslCertificate { sha1 serialNumber issueDateTime expirationDateTime issuer { commonName } subject { commonName alternateNames } } ` +
		`host { id firstSeenDateTime lastSeenDateTime ... on IpAddress { countryOrRegion netblock autonomousSystem { name number } } ` +
		`... on Hostname { registrar registrant } } } }`
)

// Properties of a host that only one of its types has.
const (
	anAddress = "microsoft.graph.security.ipAddress/"
	aName     = "microsoft.graph.security.hostname/"
)

// What each workload asks of Microsoft Graph; a test holds it to what Portico really sends.
var (
	scalarsOfPort = msgraph.Query{Keyless: true, Select: msgraph.NamesOf("port", "status", "protocol", "lastSeenDateTime")}
	wholePort     = msgraph.Query{
		Keyless: true,
		Select:  msgraph.NamesOf("port", "status", "timesObserved", "banners", "services", "host"),
		Expand:  msgraph.NamesOf("mostRecentSslCertificate"),
	}
	wholeAddress = msgraph.Query{Select: msgraph.NamesOf("firstSeenDateTime", "lastSeenDateTime",
		anAddress+"countryOrRegion", anAddress+"netblock", anAddress+"autonomousSystem")}
	wholeName = msgraph.Query{Select: msgraph.NamesOf("firstSeenDateTime", "lastSeenDateTime",
		aName+"registrar", aName+"registrant")}
	factsPort = msgraph.Query{
		Keyless: true, Select: msgraph.NamesOf("host"), Expand: msgraph.NamesOf("mostRecentSslCertificate"),
	}
	factsHost = msgraph.Query{Keyless: true, Select: msgraph.NamesOf("firstSeenDateTime")}
)

// A generated host has eight ports, and the first five show its certificate.
const (
	portsPerHost = 8
	portsWithTLS = 5
	hostsInW3    = 10
	// wideHosts are those that the upstream has beside its world, each with widePorts ports.
	wideHosts, widePorts = 64, 100
)

// warm is the workload of a cache that has everything: W2 for some ports in turn.
const (
	warm     = "W2warm"
	hotPorts = 1000
)

func workloads(w world) []workload {
	dice := rand.New(rand.NewPCG(7, 7))
	every := append([]string(nil), w.Ports...)
	dice.Shuffle(len(every), func(i, j int) { every[i], every[j] = every[j], every[i] })
	secure := withCertificate(w)
	groups := groupsOf(w)
	dice.Shuffle(len(secure), func(i, j int) { secure[i], secure[j] = secure[j], secure[i] })
	dice.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	return []workload{
		of("W1", "a port's four scalars, always the same id", every[:min(1, len(every))], askScalars, fetchScalars),
		of("W1r", "the same, ever new ids", every, askScalars, fetchScalars),
		of("W2", "a port with banners, services, certificate and host", secure, askWhole, fetchWhole),
		of("W3", "50 aliased ports of 10 hosts with certificates, ids in variables", groups, askMany, fetchMany),
		of("W4", "a host's 100 ports with certificates and host", wideIDs(), askList, fetchList),
		of("W3t", "the same, ids in the text, ever new text", groups, askManyByText, fetchMany),
	}
}

func of[K any](name, what string, keys []K, ask func(K) []byte, fetch func(K) operation) workload {
	w := workload{name: name, what: what}
	for _, key := range keys {
		requests := fetch(key)
		w.portico = append(w.portico, operation{ask(key)})
		w.proxy = append(w.proxy, requests)
		w.trip = append(w.trip, requests[:1])
	}
	return w
}

func withCertificate(w world) (ids []string) {
	for i, id := range w.Ports {
		if i%portsPerHost < portsWithTLS {
			ids = append(ids, id)
		}
	}
	return ids
}

func askList(host string) []byte {
	return post("/graphql", body(queryPorts, map[string]any{"id": host}))
}

// A group is what one operation of W3 asks for.
type group struct{ ports, hosts []string }

func groupsOf(w world) (groups []group) {
	for first := 0; first+hostsInW3 <= len(w.Hosts); first += hostsInW3 {
		g := group{hosts: w.Hosts[first : first+hostsInW3]}
		for h := first; h < first+hostsInW3; h++ {
			g.ports = append(g.ports, w.Ports[h*portsPerHost:h*portsPerHost+portsWithTLS]...)
		}
		groups = append(groups, g)
	}
	return groups
}

func askScalars(id string) []byte {
	return post("/graphql", body(queryScalars, map[string]any{"id": id}))
}

func askWhole(id string) []byte { return post("/graphql", body(queryWhole, map[string]any{"id": id})) }

func askMany(g group) []byte { return post("/graphql", manyBody(g, portFacts)) }

// manyBody asks for each port of a group by an alias, with the ids in variables.
func manyBody(g group, facts string) []byte {
	var head, fields strings.Builder
	variables := map[string]any{}
	for i, id := range g.ports {
		fmt.Fprintf(&head, "$p%d: ID! ", i)
		fmt.Fprintf(&fields, "p%d: hostPort(id: $p%d) { %s } ", i, i, facts)
		variables[fmt.Sprintf("p%d", i)] = id
	}
	return body("query Many("+head.String()+") { "+fields.String()+"}", variables)
}

func askManyByText(g group) []byte {
	var fields strings.Builder
	for i, id := range g.ports {
		fmt.Fprintf(&fields, "p%d: hostPort(id: %q) { %s } ", i, id, portFacts)
	}
	return post("/graphql", body("query Many { "+fields.String()+"}", nil))
}

func fetchScalars(id string) operation {
	return operation{get(threatintel.HostPortByID(id, scalarsOfPort).Lookup)}
}

func fetchWhole(id string) operation {
	host := threatintel.HostOfPort(id)
	query := wholeName
	if threatintel.IsAddress(host) {
		query = wholeAddress
	}
	return operation{
		get(threatintel.HostPortByID(id, wholePort).Lookup),
		get(threatintel.HostByID(host, query).Lookup),
	}
}

// listPorts is what W4 asks of the list.
var listPorts = msgraph.Query{
	Select: msgraph.NamesOf("port", "status", "protocol", "lastSeenDateTime", "host"),
	Expand: msgraph.NamesOf("mostRecentSslCertificate"), Page: msgraph.Page{Top: widePorts},
}

func fetchList(host string) operation {
	return operation{get(threatintel.PortsOf(host, listPorts).Lookup), get(threatintel.HostByID(host, factsHost).Lookup)}
}

func wideIDs() []string {
	ids := make([]string, wideHosts)
	for i := range ids {
		ids[i] = fmt.Sprintf("10.77.0.%d", i)
	}
	return ids
}

// fetchMany is three batches of twenty.
func fetchMany(g group) operation {
	var urls []string
	for _, id := range g.ports {
		urls = append(urls, threatintel.HostPortByID(id, factsPort).URL())
	}
	for _, id := range g.hosts {
		urls = append(urls, threatintel.HostByID(id, factsHost).URL())
	}
	var op operation
	for len(urls) > 0 {
		n := min(20, len(urls))
		op = append(op, batch(urls[:n]))
		urls = urls[n:]
	}
	return op
}

func batch(urls []string) []byte {
	type request struct {
		ID     string `json:"id"`
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	var all struct {
		Requests []request `json:"requests"`
	}
	for i, url := range urls {
		all.Requests = append(all.Requests, request{fmt.Sprint(i + 1), "GET", url})
	}
	return post("/v1.0/$batch", marshal(all))
}

func body(query string, variables map[string]any) []byte {
	return marshal(struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables,omitempty"`
	}{query, variables})
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts alone are in it
	}
	return text
}

func post(path string, body []byte) []byte { return postAs("", path, body) }

// postAs writes a POST with more fields in its header.
func postAs(fields, path string, body []byte) []byte {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%sContent-Length: "+
		"%d\r\n\r\n", path, fields, len(body))
	return append([]byte(head), body...)
}

func get(lookup msgraph.Lookup) []byte {
	return fmt.Appendf(nil, "GET /v1.0%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", lookup.URL())
}
