package servicetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Put puts entities, as JSON, into one of the emulator's sets.
func (s *Service) Put(t testing.TB, set string, entities ...string) {
	t.Helper()
	for _, text := range entities {
		if err := s.Emulator.Put(set, text); err != nil {
			t.Fatal(err)
		}
	}
}

// PutPorts puts n ports into the emulator. Their ids, "port-0" and so on, do not contain a host.
func (s *Service) PutPorts(t testing.TB, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("port-%d", i)
		s.Put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":%d,"status":"open"}`, id, i))
		ids = append(ids, id)
	}
	return ids
}

// PortsQuery is a query for the ports that PutPorts put, in one list.
func PortsQuery(ids ...string) string {
	text, _ := json.Marshal(ids) // strings can be encoded
	return fmt.Sprintf("{ hostPorts(ids: %s) { id port } }", text)
}

// PortsData is the data that PortsQuery returns when the ports at these places are null.
func PortsData(ids []string, null ...int) string {
	ports := make([]string, len(ids))
	for i, id := range ids {
		ports[i] = fmt.Sprintf(`{"id":%q,"port":%d}`, id, i)
		if slices.Contains(null, i) {
			ports[i] = "null"
		}
	}
	return `{"hostPorts":[` + strings.Join(ports, ",") + "]}"
}

// PortsErrors is an error with a code for each of the first n ports of PortsQuery, as Want takes them.
func PortsErrors(n int, code string) (errors []string) {
	for i := range n {
		errors = append(errors, fmt.Sprintf("hostPorts.%d: %s", i, code))
	}
	return errors
}

// PortsSent is how Sent shows a $batch for these ports, or a GET for one.
func PortsSent(ids ...string) string {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = "hostPorts/" + id
	}
	return strings.Join(items, " + ")
}

// PortID is the id of a port in the form of the published examples, which contains the host.
func PortID(host string, port int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s$$%d", host, port))
}
