//go:build !interop

package msgraph_test

// thorough runs every case of the simulations, which takes minutes with the race detector: see thorough_interop_test.go.
const thorough = false
