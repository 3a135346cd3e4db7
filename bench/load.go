package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A client sends prepared requests over one connection and reads the answers. It knows as much of HTTP/1.1 as Portico
// and the proxy answer with: a load that shares the machine must cost little.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte // of the last answer
}

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

var errAnswer = errors.New("reading a response: not HTTP/1.1 with a length")

// do sends one request and reads the whole answer. Anything but 200 without GraphQL errors is an error.
func (c *client) do(request []byte) error {
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(status) < 12 {
		return errAnswer
	}
	ok := string(status[9:12]) == "200"
	if err := c.read(); err != nil {
		return err
	}
	if !ok || bytes.HasPrefix(c.body, []byte(`{"errors"`)) {
		return fmt.Errorf("unsuccessful response: %.200s", c.body)
	}
	return nil
}

// read reads header and body.
func (c *client) read() error {
	length, chunked := -1, false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := field(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return errAnswer
			}
		}
		if coding, ok := field(line, "Transfer-Encoding: "); ok {
			chunked = bytes.EqualFold(coding, []byte("chunked"))
		}
	}
	c.body = c.body[:0]
	switch {
	case chunked:
		return c.readChunks()
	case length >= 0:
		return c.take(length)
	}
	return errAnswer
}

// field returns the value of a field of the header, if it is the named one, in any letter case.
func field(line []byte, name string) (value []byte, found bool) {
	if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return line[len(name):], true
}

func (c *client) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 32)
		if err != nil {
			return errAnswer
		}
		if err := c.take(int(size)); err != nil {
			return err
		}
		if _, err := c.in.ReadSlice('\n'); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}

// take adds the next n bytes to the body.
func (c *client) take(n int) error {
	from := len(c.body)
	if cap(c.body) < from+n {
		c.body = append(make([]byte, 0, 2*(from+n)), c.body...)
	}
	c.body = c.body[:from+n]
	_, err := io.ReadFull(c.in, c.body[from:])
	return err
}

// A drive is what came of a load.
type drive struct {
	took  time.Duration
	times []time.Duration // of every operation
	bytes int64           // of the answers' bodies
}

func (d drive) perSecond() float64 { return float64(len(d.times)) / d.took.Seconds() }

// load sends operations over as many connections as there are workers, each as soon as the one before is answered, and
// lets those under way end. The operations go round, beginning at *next.
func load(
	ctx context.Context, address string, ops []operation, workers int, d time.Duration, next *atomic.Int64,
) (drive, error) {
	clients, err := dialAll(address, workers)
	defer closeAll(clients)
	if err != nil {
		return drive{}, err
	}
	parts, failures := make([]drive, workers), make([]error, workers)
	start := time.Now()
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			parts[i].times = make([]time.Duration, 0, 1<<12)
			for failures[i] == nil && time.Since(start) < d && ctx.Err() == nil {
				failures[i] = parts[i].one(c, ops[int(next.Add(1)-1)%len(ops)])
			}
		})
	}
	wg.Wait()
	whole := drive{took: time.Since(start)}
	for _, part := range parts {
		whole.times = append(whole.times, part.times...)
		whole.bytes += part.bytes
	}
	failed := slices.IndexFunc(failures, func(err error) bool { return err != nil })
	if failed >= 0 {
		return whole, failures[failed] // the others say the same
	}
	return whole, ctx.Err()
}

func dialAll(address string, n int) (clients []*client, err error) {
	for range n {
		c, err := dial(address)
		if err != nil {
			return clients, err
		}
		clients = append(clients, c)
	}
	return clients, nil
}

func closeAll(clients []*client) {
	for _, c := range clients {
		_ = c.conn.Close()
	}
}

// one runs one operation and notes what it took.
func (d *drive) one(c *client, op operation) error {
	start := time.Now()
	for _, request := range op {
		if err := c.do(request); err != nil {
			return err
		}
		d.bytes += int64(len(c.body))
	}
	d.times = append(d.times, time.Since(start))
	return nil
}

// verify runs one operation and looks whether everything asked for is there.
func verify(address string, op operation) error {
	c, err := dial(address)
	if err != nil {
		return err
	}
	defer func() { _ = c.conn.Close() }()
	if err := c.do(op[0]); err != nil {
		return err
	}
	var answer struct {
		Data map[string]map[string]any `json:"data"`
	}
	if err := json.Unmarshal(c.body, &answer); err != nil {
		return fmt.Errorf("reading the first response: %w", err)
	}
	for alias, port := range answer.Data {
		for name, value := range port {
			if value == nil {
				return fmt.Errorf("the first response lacks %s.%s", alias, name)
			}
		}
	}
	if len(answer.Data) == 0 {
		return errors.New("the first response is empty")
	}
	return nil
}
