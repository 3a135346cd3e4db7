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
	// What the cache did; nil, and absent, without a cache.
	*cacheCost
	// Calls are the requests; nil, and absent, unless Options.ShowCost.
	Calls []costCall `json:"calls,omitzero"`
}

// cacheCost is what the cache saved, and what it served that was past its time.
type cacheCost struct {
	// Hits are the items that were not requested, Stale those of them that were past their time.
	Hits  int `json:"cacheHits"`
	Stale int `json:"cacheStale"`
	// Age is that of the oldest hit in seconds.
	Age int `json:"cacheAgeSeconds"`
	// Renewals are the items that were requested to renew stale ones, after they were served. They are not part of Items.
	Renewals int `json:"cacheRenewals"`

	// age is Age, left is how long all of the response stays fresh.
	age, left time.Duration
}

func cacheCostOf(use msgraph.CacheUse) *cacheCost {
	if use.Answers == 0 {
		return nil
	}
	return &cacheCost{
		Hits: use.Hits, Stale: use.Stale, Age: int(use.Age / time.Second), Renewals: use.Renewals,
		age: use.Age, left: use.Left,
	}
}

// Freshness reports how old the data of the response is, and how long it stays fresh. It is false without a cache, and
// if something of the response cannot be stored.
func (c cost) Freshness() (age, left time.Duration, ok bool) {
	if c.cacheCost == nil || c.left < time.Second && c.Stale == 0 {
		return 0, 0, false
	}
	return c.age, c.left, true
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
		cacheCost: cacheCostOf(op.trace.CacheUse()),
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
