//go:build race

package auth_test

// users is how many callers come in the test of bounded memory; each costs some 20
// times as much under the race detector.
const users = 5_000
