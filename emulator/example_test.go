package emulator_test

import (
	"fmt"
	"io"
	"net/http"

	"portico/emulator"
)

// A client requests a hostPort, is throttled once, and tries again.
func Example() {
	e := emulator.New(emulator.WithWorld(10))
	s, err := emulator.Start(e)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	e.Fail(emulator.TooManyRequests("2").Matching("hostPorts"))
	for range 2 {
		req, _ := http.NewRequest("GET", s.URL+"/v1.0/security/threatIntelligence/hostPorts/"+
			emulator.ExamplePortID+"?$select=id,port,status", nil)
		req.Header.Set("Authorization", "Bearer "+e.AppToken())
		resp, err := s.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			fmt.Println(resp.StatusCode, "Retry-After:", resp.Header.Get("Retry-After"))
			continue
		}
		fmt.Println(resp.StatusCode, string(body))
	}
	// Output:
	// 429 Retry-After: 2
	// 200 {"value":{"@odata.type":"#microsoft.graph.security.hostPort","id":"ODUuMTMuMTM5LjE4JCQyMQ==","port":21,"status":"open"}}
}
