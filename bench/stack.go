package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"portico/emulator"
)

// A stack is the processes beside this one.
type stack struct {
	upstream upstream
	portico  *process
	proxy    *process
}

// upstream is the emulator's process.
type upstream struct {
	*process
	url    string
	cert   string
	client *http.Client
}

// build compiles Portico as it is shipped.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "portico")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "portico")
	cmd.Stderr = os.Stderr
	return binary, cmd.Run()
}

func startStack(ctx context.Context, binary, scratch string, latency time.Duration) (s *stack, err error) {
	s = &stack{}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.upstream, err = startUpstream(ctx, scratch, latency); err != nil {
		return s, err
	}
	if s.proxy, err = startSelf(ctx, roleProxy, "-base", s.upstream.url, "-cert", s.upstream.cert); err != nil {
		return s, err
	}
	s.portico, err = startPortico(ctx, binary, s.upstream)
	return s, err
}

func (s *stack) stop() {
	for _, p := range []*process{s.portico, s.proxy, s.upstream.process} {
		p.stop()
	}
}

func startUpstream(ctx context.Context, scratch string, latency time.Duration) (u upstream, err error) {
	u.cert = filepath.Join(scratch, "upstream.pem")
	u.process, err = startSelf(ctx, roleUpstream, "-latency", latency.String(), "-cert", u.cert)
	if err != nil {
		return u, err
	}
	u.url = "https://" + u.address
	u.client, err = clientOf(u.cert)
	return u, err
}

// startSelf starts this program in a role.
func startSelf(ctx context.Context, role string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{role}, args...)...)
	cmd.Env = append(cmd.Environ(), "BENCH_ROLE="+role)
	return start(cmd)
}

func startPortico(ctx context.Context, binary string, u upstream) (*process, error) {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isCredential),
		"PORTICO_LISTEN=127.0.0.1:0", "PORTICO_CLOUD=emulator", "PORTICO_GRAPH_URL="+u.url+"/v1.0", "PORTICO_SHOW_COST=off",
		"AZURE_TENANT_ID="+emulator.DefaultTenant, "AZURE_CLIENT_ID="+emulator.DefaultClientID,
		"AZURE_CLIENT_SECRET="+emulator.DefaultClientSecret, "SSL_CERT_FILE="+u.cert)
	return start(cmd)
}

// isCredential reports whether a variable is one of those that Portico takes for its credentials: it wants exactly one.
func isCredential(variable string) bool { return strings.HasPrefix(variable, "AZURE_") }

// A process is one that was started here.
type process struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	address string // host and port where it listens
}

// start waits until the process prints the first line with a URL: it listens there.
func start(cmd *exec.Cmd) (*process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, stdin: stdin}
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if err == nil {
		p.address, err = addressIn(line)
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("starting %s: it did not say where it listens: %w", filepath.Base(cmd.Path), err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p, nil
}

func addressIn(line string) (string, error) {
	for word := range strings.FieldsSeq(line) {
		if u, err := url.Parse(word); err == nil && u.Host != "" {
			return u.Host, nil
		}
	}
	return "", fmt.Errorf("no URL in %q", line)
}

func (p *process) stop() {
	if p == nil {
		return
	}
	_ = p.stdin.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait() // it was told to end
	kill.Stop()
}

// counts asks the upstream for its counts.
func (u upstream) counts(ctx context.Context) (c counts, err error) {
	return c, u.get(ctx, countsPath, &c)
}

// world is what there is to ask for. The ports stand host by host.
type world struct {
	Hosts []string `json:"hosts"`
	Ports []string `json:"hostPorts"`
}

func (u upstream) world(ctx context.Context) (w world, err error) {
	return w, u.get(ctx, "/_emulator/world", &w)
}

func (u upstream) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+path, nil)
	if err != nil {
		return err
	}
	resp, err := u.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return json.NewDecoder(resp.Body).Decode(into)
}
