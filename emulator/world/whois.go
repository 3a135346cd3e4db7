package world

import (
	"fmt"
	"strings"

	"portico/emulator/odata"
)

// pastRecords is the number of older WHOIS records of a host.
const pastRecords = 3

// makeWhois makes the WHOIS record of a host and its history. Every fifth address has none.
func (g *generator) makeWhois(n int) {
	host := g.hostID(n)
	if g.isAddress(n) && n%5 == 4 {
		return
	}
	g.writeWhois(n, 0)
	current := g.keep("whoisRecords")
	var past []string
	for age := range pastRecords {
		g.writeWhois(n, age+1)
		past = append(past, g.keep("whoisHistoryRecords"))
	}
	g.enlist("hosts", "whois", host, []string{current})
	g.enlist("hosts", odata.HistoryOfHost, host, past)
	g.enlist("whoisRecords", "history", current, past)
}

// writeWhois writes the record as it was that many years ago.
func (g *generator) writeWhois(n, age int) {
	host := g.hostID(n)
	registered := epoch.AddDate(-4, n%12, n%28)
	updated := registered.AddDate(8-age, 0, 0)
	registrant := contact(fmt.Sprintf("holder%d@example.com", n%17), holder(n), n)
	registrar := fmt.Sprintf(`{"email":null,"name":null,"organization":"Example Registrar %d Inc.","telephone":null,`+
		`"fax":null,"address":null}`, (n+age)%4)
	g.write(`{"id":%q,"expirationDateTime":%q,"registrationDateTime":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,`+
		`"lastUpdateDateTime":%[5]q,"billing":null,"noc":null,"zone":null,"whoisServer":"whois.example",`+
		`"domainStatus":"client transfer prohibited,client delete prohibited","rawWhoisText":%q,"abuse":%s,"admin":%s,`+
		`"registrar":%s,"registrant":%s,"technical":%[8]s,"nameservers":[%[11]s],"host":{"id":%[12]q}}`,
		encoded(host, fmt.Sprint(g.random.Uint64())), updated.AddDate(1, 0, 0).Format(noDot), registered.Format(noDot),
		updated.AddDate(-1, 0, 0).Format(dotThree), updated.Format(dotThree), "Registrar: \n  Handle: "+host+"\n",
		contact("abuse@example.net", "", -1), contact("admin@example.com", "Domain Administrator", n), registrar,
		registrant, g.nameservers(n), host)
}

func contact(email, name string, n int) string {
	if n < 0 {
		return fmt.Sprintf(`{"email":%q,"name":null,"organization":null,"telephone":null,"fax":null,"address":null}`, email)
	}
	return fmt.Sprintf(`{"email":%q,"name":%q,"organization":"Example Organization %d","telephone":"+1.5555550100",`+
		`"fax":null,"address":{"city":"Exampleton","countryOrRegion":"US","postalCode":"%05d","state":%q,`+
		`"street":"%[3]d Sample Street"}}`, email, name, n%17, n%17, []string{"WA", "OR", "CA"}[n%3])
}

// nameservers returns references to two of the cast, as JSON.
func (w *numbers) nameservers(n int) string {
	var all []string
	for i := range 2 {
		all = append(all, fmt.Sprintf(`{"firstSeenDateTime":null,"lastSeenDateTime":null,"host":{"id":%q}}`,
			w.hostID(w.size+castSites+(n+i)%castServers)))
	}
	return strings.Join(all, ",")
}
