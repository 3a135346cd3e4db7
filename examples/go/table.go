package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeTable writes one line for each id with its host, which is nil if it is unknown.
func writeTable(w io.Writer, ids []string, hosts []Host) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HOST\tOWNER\tREPUTATION\tOPEN PORTS")
	for i, host := range hosts {
		if host == nil {
			fmt.Fprintf(table, "%s\tunknown\t-\t-\n", ids[i])
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", host.GetId(), owner(host), host.GetReputation(), host.GetPorts())
	}
	return table.Flush()
}

// owner is the network of an address, or the registrar of a name.
func owner(host Host) string {
	switch host := host.(type) {
	case *HostIpAddress:
		if as := host.AutonomousSystem; as != nil {
			return fmt.Sprintf("AS%d %s, %s", as.Number, as.Organization, host.CountryOrRegion)
		}
		return host.CountryOrRegion
	case *HostHostname:
		return host.Registrar
	}
	return "-"
}

// String is like "MALICIOUS 94", or "-" where a host has no reputation.
func (r *Reputation) String() string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%s %d", r.Classification, r.Score)
}

// String is like "22 OpenSSH 8.2p1, 53/UDP", or "-" where no port is open.
func (p Ports) String() string {
	if len(p.Nodes) == 0 {
		return "-"
	}
	texts := make([]string, 0, len(p.Nodes))
	for _, port := range p.Nodes {
		texts = append(texts, port.String())
	}
	return strings.Join(texts, ", ")
}

// String is the number of the port, its protocol where that is not TCP, and the software behind it.
func (p Port) String() string {
	text := fmt.Sprint(p.Port)
	if p.Protocol != HostPortProtocolTcp {
		text += "/" + string(p.Protocol)
	}
	var software []string
	for _, service := range p.Services {
		component := service.Component
		software = append(software, strings.TrimSpace(component.Name+" "+component.Version))
	}
	return strings.TrimSpace(text + " " + strings.Join(software, " + "))
}
