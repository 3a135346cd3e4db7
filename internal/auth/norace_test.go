//go:build !race

package auth_test

// users is how many callers come in the test of bounded memory.
const users = 20_000
