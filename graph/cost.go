package graph

import (
	"time"

	"portico/msgraph"
)

// cost is extensions.upstream of a response. URLs are relative to the version root.
type cost struct {
	Requests int `json:"requests"`
	Items    int `json:"items"`
	Waves    int `json:"waves"`
	// Estimate is the number of items that the operation was expected to need at most, Limit the number that it may need.
	Estimate int `json:"estimate"`
	Limit    int `json:"limit"`
	// Calls are the requests; nil, and absent, unless Options.ShowCost.
	Calls []costCall `json:"calls,omitzero"`
}

type costCall struct {
	Method       string     `json:"method"`
	URL          string     `json:"url"`
	Wave         int        `json:"wave"`
	Status       int        `json:"status,omitempty"`
	Start        float64    `json:"startMilliseconds"` // since the operation began
	Milliseconds float64    `json:"milliseconds"`
	Shared       bool       `json:"shared,omitempty"`
	Items        []costItem `json:"items,omitempty"`
}

type costItem struct {
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"`
}

// cost returns what the whole operation has cost so far. Clients that merge the payloads of a response keep the last.
func (op *operation) cost(calls bool) cost {
	c := cost{
		Requests: op.trace.Requests(), Items: op.trace.Items(), Waves: op.loader.Waves(),
		Estimate: int(op.estimate.Load()), Limit: op.limit,
	}
	if !calls {
		return c
	}
	exchanges := op.trace.Exchanges()
	c.Calls = make([]costCall, len(exchanges))
	for i, exchange := range exchanges {
		c.Calls[i] = costOf(exchange)
	}
	return c
}

func costOf(exchange msgraph.Exchange) costCall {
	call := costCall{
		Method: exchange.Method, URL: exchange.URL, Wave: exchange.Wave, Status: exchange.Status, Shared: exchange.Shared,
		Start: milliseconds(exchange.Start), Milliseconds: milliseconds(exchange.Duration),
	}
	for _, item := range exchange.Items {
		call.Items = append(call.Items, costItem{URL: item.URL, Status: item.Status})
	}
	return call
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
