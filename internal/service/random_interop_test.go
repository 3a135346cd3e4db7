//go:build interop

package service

const randomQueries = 10_000
