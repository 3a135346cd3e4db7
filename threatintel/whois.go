package threatintel

import "portico/msgraph"

func init() {
	register(kind{named: "WhoisRecord", ids: []form{parted(2, longNumber)}})
	register(kind{named: "WhoisHistoryRecord"})
}

// WhoisBaseRecord is a *WhoisRecord or a *WhoisHistoryRecord. Microsoft Graph's type is abstract.
// https://learn.microsoft.com/graph/api/resources/security-whoisbaserecord
type WhoisBaseRecord interface {
	Node
	IsWhoisBaseRecord()
}

// WhoisRecord is the current WHOIS record of a host.
// https://learn.microsoft.com/graph/api/resources/security-whoisrecord
type WhoisRecord struct {
	ID                   string             `json:"id"`
	DomainStatus         *string            `json:"domainStatus"`
	RegistrationDateTime DateTime           `json:"registrationDateTime"`
	ExpirationDateTime   DateTime           `json:"expirationDateTime"`
	LastUpdateDateTime   DateTime           `json:"lastUpdateDateTime"`
	FirstSeenDateTime    DateTime           `json:"firstSeenDateTime"`
	LastSeenDateTime     DateTime           `json:"lastSeenDateTime"`
	WhoisServer          *string            `json:"whoisServer"`
	RawWhoisText         *string            `json:"rawWhoisText"`
	Nameservers          []*WhoisNameserver `json:"nameservers"`
	Registrar            *WhoisContact      `json:"registrar"`
	Registrant           *WhoisContact      `json:"registrant"`
	Admin                *WhoisContact      `json:"admin"`
	Technical            *WhoisContact      `json:"technical"`
	Billing              *WhoisContact      `json:"billing"`
	Abuse                *WhoisContact      `json:"abuse"`
	Noc                  *WhoisContact      `json:"noc"`
	Zone                 *WhoisContact      `json:"zone"`
	HostReference        *Reference         `json:"host"`
}

// IsWhoisBaseRecord marks a WhoisRecord as a WhoisBaseRecord.
func (*WhoisRecord) IsWhoisBaseRecord() {}

// NodeID implements Node.
func (w *WhoisRecord) NodeID() string { return nodeID("WhoisRecord", w.ID) }

// WhoisHistoryRecord is a WHOIS record that was replaced by another.
// https://learn.microsoft.com/graph/api/resources/security-whoishistoryrecord
type WhoisHistoryRecord WhoisRecord

// IsWhoisBaseRecord marks a WhoisHistoryRecord as a WhoisBaseRecord.
func (*WhoisHistoryRecord) IsWhoisBaseRecord() {}

// NodeID implements Node.
func (w *WhoisHistoryRecord) NodeID() string { return nodeID("WhoisHistoryRecord", w.ID) }

// WhoisContact is a person or an organization in a WHOIS record.
// https://learn.microsoft.com/graph/api/resources/security-whoiscontact
type WhoisContact struct {
	Name         *string          `json:"name"`
	Organization *string          `json:"organization"`
	Email        *string          `json:"email"`
	Telephone    *string          `json:"telephone"`
	Fax          *string          `json:"fax"`
	Address      *PhysicalAddress `json:"address"`
}

// WhoisNameserver is a name server of a domain.
// https://learn.microsoft.com/graph/api/resources/security-whoisnameserver
type WhoisNameserver struct {
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	HostReference     *Reference `json:"host"`
}

// WhoisRecordByID is the request for one WHOIS record. It takes $select.
// https://learn.microsoft.com/graph/api/security-whoisrecord-get
func WhoisRecordByID(id string, query msgraph.Query) msgraph.Request[*WhoisRecord] {
	return byID[WhoisRecord]("whoisRecords", id, query)
}

// WhoisHistoryRecordByID is the request for one record of a WHOIS history. It takes $select.
// https://learn.microsoft.com/graph/api/security-whoishistoryrecord-get
func WhoisHistoryRecordByID(id string, query msgraph.Query) msgraph.Request[*WhoisHistoryRecord] {
	return byID[WhoisHistoryRecord]("whoisHistoryRecords", id, query)
}

// WhoisOf is the request for the WHOIS record of a host. It takes $select.
// https://learn.microsoft.com/graph/api/security-whoisrecord-get
func WhoisOf(hostID string, query msgraph.Query) msgraph.Request[*WhoisRecord] {
	return ownedBy[WhoisRecord]("hosts", hostID, "whois", query)
}

// WhoisRecordHistoryOf is the request for the records that a WHOIS record replaced. It takes $select, $count, $top and
// $skip.
// https://learn.microsoft.com/graph/api/security-whoisrecord-list-history
func WhoisRecordHistoryOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*WhoisHistoryRecord]] {
	return listOf[WhoisHistoryRecord]("whoisRecords", id, "history", query)
}

// WhoisRecords is the request for the WHOIS records that a $search of one property finds. It takes $select, $count,
// $orderby, $top and $skip too.
// https://learn.microsoft.com/graph/api/security-threatintelligence-list-whoisrecords
func WhoisRecords(query msgraph.Query) msgraph.Request[*msgraph.List[*WhoisRecord]] {
	return all[WhoisRecord]("whoisRecords", query)
}
