package lifecycle_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/playground"
	"portico/internal/service"
	"portico/internal/service/servicetest"
)

func TestTheProgramEndsAfterTheRequestsUnderWay(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_EMULATOR_LATENCY=1s", "PORTICO_LOG_FORMAT=json", "PORTICO_SHOW_COST=off")
	var arrived atomic.Int32
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			text, err := p.Ask(client, fmt.Sprint(i))
			if err != nil || !strings.HasPrefix(text, `{"data":{"hostPort":{"port":21}},"extensions":{"emulator":true,`) {
				t.Errorf("a request under way got %q, %v", text, err)
			}
			arrived.Add(1)
		})
	}
	servicetest.Eventually(t, "all are begun", func() bool { return p.Begun.Load() >= 100 })
	if n := arrived.Load(); n == 100 {
		t.Error("none is under way any more: this machine is too slow for this test")
	}
	p.End()
	servicetest.Eventually(t, "not ready", func() bool {
		response, err := client.Get("http://" + p.Address + "/readyz")
		if err != nil {
			return true // new connections are refused
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable
	})
	all.Wait()
	if err := p.Result(t); err != nil {
		t.Errorf("ended with %v", err)
	}
	lines := 0
	for line := range strings.Lines(p.Stderr.String()) {
		var entry struct{ Msg, Path string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("no JSON in the log: %s", line)
		}
		if entry.Msg == "request" && entry.Path == "/graphql" {
			lines++
		}
	}
	if lines != 100 {
		t.Errorf("%d lines in the log, want one for each of 100 requests", lines)
	}
	if _, err := p.Ask(client, "too late"); err == nil {
		t.Error("a request after the end got a response")
	}
}

func TestTheProgramDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_EMULATOR_LATENCY=1m", "PORTICO_SHUTDOWN_TIMEOUT=200ms")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if text, err := p.Ask(client, "slow"); err == nil {
			t.Errorf("got %s", text)
		}
	}()
	servicetest.Eventually(t, "it is begun", func() bool { return p.Begun.Load() == 1 })
	p.End()
	if err := p.Result(t); err == nil || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("ended with %v", err)
	}
	<-asked
}

var curl = regexp.MustCompile(`(?m)^Try: curl -s (\S+) -H '([^']*): ([^']*)' -d '(.*)'$`)

// The line that the program prints to try it is one that works.
func TestTheGreetingCanBeTried(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t)
	match := curl.FindStringSubmatch(p.Stdout.String())
	if match == nil {
		t.Fatalf("no line to try in %s", p.Stdout)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, match[1], strings.NewReader(strings.ReplaceAll(match[4], `'\''`, "'")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(match[2], match[3])
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || !strings.HasPrefix(string(text), `{"data":{"hostPort":{"port":21,"status":"OPEN","banners":[{"banner":"220 FTP`) {
		t.Errorf("the printed line gives %s, %v", text, err)
	}
	if !strings.Contains(p.Stdout.String(), "emulator") || !strings.Contains(p.Stdout.String(), "http://"+p.Address+"/ ") {
		t.Errorf("greeted with %s", p.Stdout)
	}
	if strings.Contains(p.Stdout.String()+p.Stderr.String(), emulator.DefaultClientSecret) {
		t.Error("the greeting or the log holds the secret")
	}
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-value"
	for _, row := range []struct {
		what     string
		args     []string
		settings []string
		want     []string
	}{
		{
			"many things",
			[]string{"--cloud", "mars", "--colour", "red", "stray"},
			[]string{"PORTICO_LISTEN=0.0.0.0:8080", "PORTICO_LIMIT_DEPTH=deep", "PORTICO_LIMIT_DEADLINE=soon", "PORTICO_LIMIT_BODY=big", "PORTICO_LOG_LEVEL=loud", "PORTICO_SHOW_COST=maybe"},
			[]string{"PORTICO_CLOUD", "--colour", "argument 5", "PORTICO_LISTEN", "PORTICO_LIMIT_DEPTH", "PORTICO_LIMIT_DEADLINE", "PORTICO_LIMIT_BODY", "PORTICO_LOG_LEVEL", "PORTICO_SHOW_COST"},
		},
		{
			"a real cloud with nothing to show for it", nil,
			[]string{"PORTICO_CLOUD=global"},
			[]string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"},
		},
		{
			"two credentials", nil,
			[]string{"PORTICO_CLOUD=global", "AZURE_CLIENT_SECRET=" + secret, "PORTICO_MANAGED_IDENTITY=user", "AZURE_TENANT_ID=common", "AZURE_CLIENT_ID=x"},
			[]string{"more than one credential", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"},
		},
		{"all the world as callers", []string{"--listen", "0.0.0.0:0"}, nil, []string{"PORTICO_LISTEN", "loopback"}},
		{"every address as a listener", []string{"--listen", ":0"}, nil, []string{"PORTICO_LISTEN", "loopback"}},
		{"a network as callers", []string{"--listen", "192.0.2.1:0"}, nil, []string{"PORTICO_LISTEN", "loopback"}},
		{"plain http to afar", []string{"--graph-url", "http://graph.example/v1.0"}, nil, []string{"PORTICO_GRAPH_URL", "https"}},
		{"a certificate that is not there", nil, []string{"PORTICO_CLOUD=global", "AZURE_CLIENT_CERTIFICATE_PATH=/nowhere.pem"}, []string{"AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_TENANT_ID"}},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr servicetest.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			err := service.Run(ctx, row.args, servicetest.Environment(row.settings...), &stdout, &stderr, service.Process{Exit: servicetest.ExitOf(t)})
			if err == nil || ctx.Err() != nil {
				t.Fatalf("it started: %s", stdout.String())
			}
			for _, want := range row.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no word of %s in:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error()+stdout.String()+stderr.String(), secret) {
				t.Errorf("a secret is revealed: %v", err)
			}
			if strings.Contains(stdout.String(), "http://") {
				t.Errorf("it greeted all the same: %s", stdout.String())
			}
		})
	}
}

func TestHelpIsWrittenAndNothingStarts(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--help", "-h"} {
		var stdout, stderr servicetest.Buffer
		if err := service.Run(t.Context(), []string{flag}, servicetest.Environment("PORTICO_CLOUD=mars"), &stdout, &stderr, service.Process{Exit: servicetest.ExitOf(t)}); err != nil {
			t.Errorf("%s: %v", flag, err)
		}
		for _, want := range []string{"PORTICO_LISTEN", "--listen", "AZURE_CLIENT_SECRET", "127.0.0.1:8080"} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s: no word of %s in:\n%s", flag, want, stdout.String())
			}
		}
		if strings.Contains(stdout.String(), "Try: curl") {
			t.Errorf("%s: it started", flag)
		}
	}
}

func TestVersionIsPrintedAndNothingStarts(t *testing.T) {
	t.Parallel()
	var stdout, stderr servicetest.Buffer
	if err := service.Run(t.Context(), []string{"--version"}, servicetest.Environment("PORTICO_CLOUD=mars"), &stdout, &stderr, service.Process{Exit: servicetest.ExitOf(t)}); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^portico \S+ \(commit \S+, go1\.\S+\)\n$`).MatchString(stdout.String()) || stderr.String() != "" {
		t.Errorf("got %q", stdout.String())
	}
}

func TestLicensesArePrintedAndNothingStarts(t *testing.T) {
	t.Parallel()
	var stdout, stderr servicetest.Buffer
	err := service.Run(t.Context(), []string{"--licenses"}, servicetest.Environment("PORTICO_CLOUD=mars"), &stdout, &stderr, service.Process{Exit: servicetest.ExitOf(t)})
	if err != nil || stderr.String() != "" {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	wants := []string{"github.com/hashicorp/golang-lru/v2 v", "Mozilla Public License"}
	if playground.Built() {
		wants = append(wants, "## graphiql - ", "DOMPurify", "Codicons", "THIRD-PARTY SOFTWARE NOTICES")
	}
	for _, want := range wants {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stdout, stderr servicetest.Buffer
	err = service.Run(t.Context(), []string{"--listen", taken.Addr().String()}, servicetest.Environment(), &stdout, &stderr, service.Process{Exit: servicetest.ExitOf(t)})
	if err == nil || !strings.HasPrefix(err.Error(), "PORTICO_LISTEN: ") || stdout.String() != "" {
		t.Errorf("got %v, greeted with %q", err, stdout.String())
	}
}

func TestCloudsWithoutTheAPIAreWarnedOf(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_CLOUD=usgov", "AZURE_CLIENT_SECRET=s3cret-value", "AZURE_TENANT_ID=contoso.example",
		"AZURE_CLIENT_ID=66666666-7777-4888-9999-aaaaaaaaaaaa")
	if text := p.Stderr.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "usgov") {
		t.Errorf("no warning in the log: %s", text)
	}
	if text := p.Stdout.String(); !strings.Contains(text, "usgov") || strings.Contains(text+p.Stderr.String(), "s3cret-value") {
		t.Errorf("greeted with %s", text)
	}
}

// A client that sends slowly, or sends too much before its body, is let go.
func TestConnectionsThatHoldTheServerUp(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	p := servicetest.Launch(t)
	const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for _, row := range []struct {
		what, sent, want string
	}{
		{"a body that does not come", head + "Content-Length: 100\r\n\r\n{", "HTTP/1.1 408 "},
		{"headers that do not end", head, ""},
		{"a header of a megabyte", head + "X-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"an unknown transfer coding", head + "Transfer-Encoding: xchunked\r\n\r\n", "HTTP/1.1 501 "},
		{"two lengths", head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400 "},
		{"a length below nothing", head + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
	} {
		rows.Run(row.what, func(t *testing.T) {
			connection, err := net.Dial("tcp", p.Address)
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			_, _ = io.WriteString(connection, row.sent) // the server may close before all is read
			_ = connection.SetReadDeadline(time.Now().Add(12*time.Second + servicetest.Patience))
			line, err := bufio.NewReader(connection).ReadString('\n')
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(line, row.want) {
				t.Errorf("got %q, %v, want %q", line, err, row.want)
			}
		})
	}
}
