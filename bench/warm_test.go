//go:build !race

package main

import "testing"

// BenchmarkWarmW2 is W2 for ports that the cache has, in this process.
func BenchmarkWarmW2(b *testing.B) {
	c, all := overEmulator(b, 200)
	w := workloads(all)[2]
	for _, op := range w.portico {
		if _, err := c.cost(bodyOf(op)); err != nil {
			b.Fatal(err)
		}
	}
	benchmark(b, c, w)
}
