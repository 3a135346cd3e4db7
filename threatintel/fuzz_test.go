package threatintel_test

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"

	"portico/internal/sparse"
	"portico/threatintel"
)

// What the fast way of decoding takes of an entity, the strict way takes, and reads the same.
func FuzzHostPort(f *testing.F) {
	for _, seed := range []string{
		`{"id":"x","port":443,"status":"open","protocol":"TCP","timesObserved":3,"firstSeenDateTime":"2023-08-09T23:18:21.1234567Z"}`,
		`{"id":"x","lastSeenDateTime":"2023-08-09t23:18:21+02:00","lastScanDateTime":" 2023-08-09T23:18:21 ","firstSeenDateTime":""}`,
		`{"id":"x","firstSeenDateTime":"2016-17-13T08:43:41.00Z"}`, `{"status":"new","protocol":""}`, `{"status":null,"protocol":"unknownFutureValue"}`,
		`{"banners":[{"banner":"\u00e9","timesObserved":1},null],"services":[{"isRecent":true,"component":{"id":"c","name":"n"}}]}`,
		`{"mostRecentSslCertificate":{"sha1":"a","issuer":{"commonName":"x","address":{"city":null},"alternateName":["a"]}},"host":{"id":"h","@odata.type":"t"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, want := new(threatintel.HostPort), new(threatintel.HostPort)
		if !sparse.Read(body, got, nil, 0) {
			return
		}
		if err := json.Unmarshal(body, want); err != nil || !reflect.DeepEqual(want, got) {
			t.Fatalf("%q: %v\ngot  %+v\nwant %+v", body, err, got, want)
		}
	})
}
