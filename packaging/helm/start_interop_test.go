//go:build interop

package helm_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	core "k8s.io/api/core/v1"

	"portico/packaging/binary/binarytest"
)

func TestMain(m *testing.M) { binarytest.Main(m) }

// The variables and files of the rendered pod are what Portico starts with.
func TestInteropPorticoStartsWithWhatTheChartGivesIt(t *testing.T) {
	const host = "threats-portico.security.svc" // of the Service
	const invented = `{"data":{"hostPort":{"port":21}}`
	for example, tt := range map[string]struct {
		injected []string // what Kubernetes' webhooks add
		host     string
		status   int
		says     string
	}{
		"emulator":  {nil, host, http.StatusOK, invented},
		"monitored": {nil, "portico.internal", http.StatusOK, invented},
		"small":     {nil, "threats.security.svc", http.StatusOK, invented},
		"tenant": {[]string{
			"AZURE_TENANT_ID=11111111-2222-4333-8444-555555555555", "AZURE_CLIENT_ID=66666666-7777-4888-8999-000000000000",
			"AZURE_FEDERATED_TOKEN_FILE=" + fileWith(t, "a token"), "AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/",
		}, "portico.example.com", http.StatusUnauthorized, ""},
		"analysts":    {nil, "portico.example.com", http.StatusUnauthorized, ""},
		"passthrough": {nil, "portico.example.com", http.StatusOK, `"code":"UNAUTHENTICATED"`},
	} {
		t.Run(example, func(t *testing.T) {
			pod := template(t, valuesOf(t, example)).Deployment.Spec.Template.Spec
			url := startPod(t, pod, tt.injected)
			body := `{"query":"{ hostPort(id: \"ODUuMTMuMTM5LjE4JCQyMQ==\") { port } }"}`
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = tt.host
			request.Header.Set("Content-Type", "application/json")
			client := http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
			defer client.CloseIdleConnections()
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != tt.status || !strings.Contains(string(text), tt.says) {
				t.Errorf("status %d, want %d and %q: %s (%v)", response.StatusCode, tt.status, tt.says, text, err)
			}
		})
	}
}

func fileWith(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// startPod starts Portico with a pod's variables and volumes, and returns the URL that it serves GraphQL at. Ports are
// chosen by the kernel, because the test runs beside other programs.
func startPod(t *testing.T, pod core.PodSpec, injected []string) string {
	t.Helper()
	file, err := binarytest.Portico()
	if err != nil {
		t.Fatal(err)
	}
	volumes := mounted(t, pod)
	cmd := exec.CommandContext(t.Context(), file)
	for _, variable := range pod.Containers[0].Env {
		value := strings.Replace(variable.Value, "/etc/portico", volumes, 1)
		if strings.HasSuffix(variable.Name, "_LISTEN") {
			value = "0.0.0.0:0"
		}
		if variable.Name != "PORTICO_EMULATOR_SIZE" { // a million hosts are for another test
			cmd.Env = append(cmd.Env, variable.Name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, injected...)
	if strings.Contains(strings.Join(cmd.Env, "\n"), "PORTICO_CALLERS=entra") {
		cmd.Env = append(cmd.Env, "PORTICO_ENTRA_AUTHORITY=http://127.0.0.1:9") // nobody listens there, so nothing leaves this machine
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	err = cmd.Start()
	_ = write.Close() // the process has its own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, or is to
		_ = cmd.Wait()
		_ = read.Close()
	})
	var seen strings.Builder
	for lines := bufio.NewReader(read); ; {
		line, err := lines.ReadString('\n')
		seen.WriteString(line)
		if err != nil {
			t.Fatalf("it ended before it listened: %v\n%s", err, &seen)
		}
		var entry struct{ Msg, GraphQL string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			return entry.GraphQL
		}
	}
}

// mounted writes the files of a pod's volumes as the kubelet does: each is a link into a folder that ..data links to.
func mounted(t *testing.T, pod core.PodSpec) string {
	t.Helper()
	certificate, key := selfSigned(t)
	known := map[string]string{
		"client-secret": "a secret of the tenant", "cursor-key": strings.Repeat("k", 32), "tls.crt": certificate, "tls.key": key,
	}
	root := t.TempDir()
	for i, mount := range pod.Containers[0].VolumeMounts {
		files := map[string]string{"ports.graphql": "query Ports { hostPort(id: \"x\") { port } }"} // of a volume without a key
		if items := itemsOf(pod.Volumes[i]); len(items) > 0 {
			files = map[string]string{items[0].Path: known[items[0].Key]}
		}
		folder := filepath.Join(root, strings.TrimPrefix(mount.MountPath, "/etc/portico"))
		if err := os.MkdirAll(filepath.Join(folder, "..2026_11_27"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("..2026_11_27", filepath.Join(folder, "..data")); err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(folder, "..2026_11_27", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func itemsOf(volume core.Volume) []core.KeyToPath {
	if volume.Secret != nil {
		return volume.Secret.Items
	}
	return volume.ConfigMap.Items
}

// selfSigned returns a certificate and its key, as PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "portico.example.com"}, DNSNames: []string{"portico.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	signed, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: packed}))
}
