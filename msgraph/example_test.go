package msgraph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"portico/msgraph"
)

// A request is a value; sending it is another matter.
func Example() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":"contoso.com","registrar":"Contoso Registrar"}`)
	}))
	defer service.Close()

	type host struct {
		ID        string  `json:"id"`
		Registrar *string `json:"registrar"`
	}
	request := msgraph.Request[*host]{
		Lookup: msgraph.Lookup{
			Path:  "/security/threatIntelligence/hosts/contoso.com",
			Query: msgraph.Query{Select: msgraph.NamesOf("registrar")},
		},
		Decode: msgraph.Entity[host],
	}
	fmt.Println(request.URL())

	client, err := msgraph.New(service.URL+"/v1.0", msgraph.WithHTTPClient(service.Client()))
	if err != nil {
		fmt.Println(err)
		return
	}
	client.Fetch(context.Background(), []string{request.URL()}, func(_ int, body []byte, err error) {
		if err != nil {
			fmt.Println(err)
			return
		}
		found, _, _ := request.Decode(body, msgraph.Asked{Lookup: request.Lookup})
		fmt.Println(found.ID, *found.Registrar)
	})
	// Output:
	// /security/threatIntelligence/hosts/contoso.com?$select=id,registrar
	// contoso.com Contoso Registrar
}
