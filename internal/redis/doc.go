// Package redis lets replicas share what they know through one Redis: values, quotas and pauses.
//
// Nothing here can fail a request. A read waits for at most Settings.Timeout, and once Redis has not answered in that
// time, or the connection is lost, no read waits until Redis has answered a probe again: see [Client]. Writes are sent
// in the background. Redis may be absent when Portico starts.
//
// What Redis returns is not trusted. A value that cannot be opened is a value that is not there; see seal.go. Names
// are digests, so that they show neither who a value is for nor what it is about.
package redis
