package service

import (
	"context"
	"log/slog"
	"net"
	"strings"
)

// supervisor is systemd, or another program that waits for the service by sd_notify's protocol: each state is one
// datagram to the socket that NOTIFY_SOCKET names. It is empty without one.
type supervisor struct {
	socket string
	log    *slog.Logger
}

func newSupervisor(environ []string, log *slog.Logger) supervisor {
	s := supervisor{log: log}
	for _, entry := range environ {
		if socket, found := strings.CutPrefix(entry, "NOTIFY_SOCKET="); found {
			s.socket = socket
		}
	}
	return s
}

// ready notifies the supervisor that the service accepts connections and, when ctx ends, that it stops.
func (s supervisor) ready(ctx context.Context) {
	s.send("READY=1")
	context.AfterFunc(ctx, func() { s.send("STOPPING=1") })
}

func (s supervisor) send(state string) {
	if s.socket == "" {
		return
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.socket, Net: "unixgram"})
	if err == nil {
		_, err = connection.Write([]byte(state))
		_ = connection.Close() // the datagram is sent
	}
	if err != nil {
		s.log.Warn("the supervisor cannot be notified", "state", state, "error", err.Error())
	}
}
