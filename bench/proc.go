package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpu returns the CPU time that the process has taken, in user and in system mode.
func (p *process) cpu() (total time.Duration) {
	for _, id := range p.ids {
		total += cpuOf(id)
	}
	return total
}

// cpuOf reads the clock of a process, which counts nanoseconds. Its id is made as clock_getcpuclockid(3) makes it.
func cpuOf(id int) time.Duration {
	const scheduler = 2 // the clock of the scheduler, which is the exact one
	var now unix.Timespec
	if unix.ClockGettime(int32(^id<<3|scheduler), &now) != nil { //nolint:gosec // process ids are small
		return 0 // the process has ended
	}
	return time.Duration(now.Nano())
}

// peak returns the most memory of the process that ever was resident, in MiB.
func (p *process) peak() (mebibytes float64) {
	for _, id := range p.ids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "VmHWM:") {
				kibibytes, _ := strconv.ParseFloat(strings.Fields(line)[1], 64)
				mebibytes += kibibytes / 1024
			}
		}
	}
	return mebibytes
}

// listening returns the ids of the processes that listen on a port of this machine.
func listening(address string) (ids []int, err error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	sockets := socketsOn(number)
	handles, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil, err
	}
	for _, handle := range handles {
		to, err := os.Readlink(handle)
		if err != nil || !slices.Contains(sockets, to) {
			continue // it is closed by now, or belongs to another user
		}
		if id, err := strconv.Atoi(strings.Split(handle, "/")[2]); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("no process of this user listens on %s: start it first, see bench/README.md", address)
	}
	return ids, nil
}

// socketsOn returns the sockets that listen on a port, as /proc/*/fd names them.
func socketsOn(port uint64) (sockets []string) {
	const listens = "0A"
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // there may be no IPv6
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 9 && fields[3] == listens && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				sockets = append(sockets, "socket:["+fields[9]+"]")
			}
		}
	}
	return sockets
}
