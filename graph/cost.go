package graph

import (
	"time"

	"portico/msgraph"
)

// cost is what extensions.upstream shows. URLs are relative to the version root.
type cost struct {
	Requests int        `json:"requests"`
	Items    int        `json:"items"`
	Waves    int        `json:"waves"`
	Calls    []costCall `json:"calls"`
}

type costCall struct {
	Method       string     `json:"method"`
	URL          string     `json:"url"`
	Wave         int        `json:"wave"`
	Status       int        `json:"status,omitempty"`
	Milliseconds float64    `json:"milliseconds"`
	Shared       bool       `json:"shared,omitempty"`
	Items        []costItem `json:"items,omitempty"`
}

type costItem struct {
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"`
}

// cost is what the whole operation has cost so far. Clients that put the payloads of an answer together keep the last.
func (op *operation) cost() cost {
	exchanges := op.trace.Exchanges()
	c := cost{
		Requests: op.trace.Requests(), Items: op.trace.Items(), Waves: op.loader.Waves(), Calls: make([]costCall, len(exchanges)),
	}
	for i, exchange := range exchanges {
		c.Calls[i] = costOf(exchange)
	}
	return c
}

func costOf(exchange msgraph.Exchange) costCall {
	call := costCall{
		Method: exchange.Method, URL: exchange.URL, Wave: exchange.Wave, Status: exchange.Status, Shared: exchange.Shared,
		Milliseconds: float64(exchange.Duration.Round(10*time.Microsecond)) / float64(time.Millisecond),
	}
	for _, item := range exchange.Items {
		call.Items = append(call.Items, costItem{URL: item.URL, Status: item.Status})
	}
	return call
}
