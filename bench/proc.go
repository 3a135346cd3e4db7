package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc, the same on all Linux platforms that Go has.
const tick = 10 * time.Millisecond

// cpu returns the CPU time that the process has taken, in user and in system mode.
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(stat, []byte(") ")) // the name before may hold spaces
	fields := strings.Fields(string(after))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// memory returns how much of the process is resident, and the most that ever was, in MiB.
func (p *process) memory() (now, peak float64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "VmRSS:"):
			now = kibibytes(fields[1])
		case strings.HasPrefix(line, "VmHWM:"):
			peak = kibibytes(fields[1])
		}
	}
	return now, peak
}

func kibibytes(text string) (mebibytes float64) {
	n, _ := strconv.ParseFloat(text, 64)
	return n / 1024
}
