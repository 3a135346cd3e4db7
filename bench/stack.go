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

// startUpstream starts the emulator with a number of hosts; 0: those that the documents query.
func startUpstream(ctx context.Context, scratch string, latency time.Duration, hosts int) (*upstream, error) {
	u := &upstream{cert: filepath.Join(scratch, "upstream.pem")}
	var err error
	u.process, err = startSelf(ctx, roleUpstream, "-cert", u.cert, "-latency", latency.String(),
		"-hosts", fmt.Sprint(hosts))
	if err != nil {
		return u, err
	}
	u.url = "https://" + u.address
	u.client, err = clientOf(u.cert)
	return u, err
}

// stop ends the process and the connections to it.
func (u *upstream) stop() {
	u.client.CloseIdleConnections()
	u.process.stop()
}

// startWorld starts an upstream without latency, and asks for its ids.
func startWorld(ctx context.Context, scratch string) (*upstream, world, error) {
	u, err := startUpstream(ctx, scratch, 0, worldSize)
	if err != nil {
		return nil, world{}, err
	}
	w, err := u.world(ctx)
	if err != nil {
		u.stop()
	}
	return u, w, err
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

// startPortico starts Portico on a free port, with some settings.
func startPortico(ctx context.Context, binary string, settings ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isCredential), "PORTICO_LISTEN=127.0.0.1:0", "PORTICO_SHOW_COST=off")
	cmd.Env = append(cmd.Env, settings...)
	return start(cmd)
}

// atEmulator are the settings of a Portico in front of the emulator.
func atEmulator(u *upstream, more ...string) []string {
	return append([]string{
		"PORTICO_CLOUD=emulator", "PORTICO_GRAPH_URL=" + u.url + "/v1.0", "SSL_CERT_FILE=" + u.cert,
		"AZURE_TENANT_ID=" + emulator.DefaultTenant, "AZURE_CLIENT_ID=" + emulator.DefaultClientID,
		"AZURE_CLIENT_SECRET=" + emulator.DefaultClientSecret,
	}, more...)
}

// isCredential reports whether a variable is one of those that Portico takes for its credentials: it wants exactly one.
func isCredential(variable string) bool { return strings.HasPrefix(variable, "AZURE_") }

// A process is one that was started here, or that ran already.
type process struct {
	cmd     *exec.Cmd // nil if it ran already
	stdin   io.Closer
	ids     []int
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
	p := &process{cmd: cmd, stdin: stdin, ids: []int{cmd.Process.Pid}}
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

// counts returns the counts of the upstream; none without one.
func (u *upstream) counts(ctx context.Context) (c counts, err error) {
	if u == nil {
		return c, nil
	}
	return c, u.get(ctx, countsPath, &c)
}

// world is what there is to ask for. The ports stand host by host.
type world struct {
	Hosts []string `json:"hosts"`
	Ports []string `json:"hostPorts"`
}

func (u *upstream) world(ctx context.Context) (w world, err error) {
	return w, u.get(ctx, "/_emulator/world", &w)
}

func (u *upstream) get(ctx context.Context, path string, into any) error {
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
