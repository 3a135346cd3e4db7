//go:build interop

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// theImage returns the image of this machine's architecture from the OCI layout, and its configuration.
func theImage(t *testing.T) (v1.Image, v1.ConfigFile) {
	t.Helper()
	top, err := layout.ImageIndexFromPath(unpack(t, theFile(t, "*_oci.tar")))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil {
		t.Fatal(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("%d entries in the layout, want one index of all platforms (%v)", len(manifest.Manifests), err)
	}
	index, err := top.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	platforms, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, descriptor := range platforms.Manifests {
		if descriptor.Platform.OS == host.OS && descriptor.Platform.Architecture == host.Arch {
			made, err := index.Image(descriptor.Digest)
			if err != nil {
				t.Fatal(err)
			}
			file, err := made.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			return made, *file
		}
	}
	t.Fatalf("no image for %s", host)
	return nil, v1.ConfigFile{}
}

func TestInteropDockerAndOCIImagesAreTheSame(t *testing.T) {
	oci, file := theImage(t)
	docker, err := tarball.ImageFromPath(theFile(t, "*_docker.tar"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(docker); err != nil {
		t.Fatal(err)
	}
	a, err := oci.ConfigName() // the hash of the configuration, which has the hashes of the layers
	if err != nil {
		t.Fatal(err)
	}
	if b, err := docker.ConfigName(); err != nil || a != b {
		t.Errorf("the images are %s and %s (%v)", a, b, err)
	}
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(theFile(t, "*_docker.tar")) })
	if want := "portico:" + file.Config.Labels["org.opencontainers.image.version"]; err != nil || !slices.Equal(manifest[0].RepoTags, []string{want}) {
		t.Errorf("docker load names it %v (%v), want %s", manifest[0].RepoTags, err, want)
	}
}

func TestInteropTheImageIsConfiguredForContainersThatMayDoNothing(t *testing.T) {
	_, file := theImage(t)
	config := file.Config
	if config.User != "65532:65532" || !slices.Equal(config.Entrypoint, []string{"/portico"}) || config.StopSignal != "SIGTERM" {
		t.Errorf("got %+v", config)
	}
	if !slices.Contains(config.Env, "PORTICO_LISTEN=:8080") || slices.ContainsFunc(config.Env, func(e string) bool { return strings.HasPrefix(e, "PORTICO_CLOUD") }) {
		t.Errorf("environment %v: it must listen for the network, and not choose a cloud", config.Env)
	}
	labels := config.Labels
	if labels["org.opencontainers.image.title"] != "Portico" || len(labels["org.opencontainers.image.revision"]) != 40 || labels["org.opencontainers.image.licenses"] != "MIT" {
		t.Errorf("labels %v", labels)
	}
	if created := labels["org.opencontainers.image.created"]; created != file.Created.UTC().Format(time.RFC3339) {
		t.Errorf("created %s and %s", created, file.Created.UTC())
	}
}

func TestInteropTheImageHasWhatAProgramExpectsOfASystem(t *testing.T) {
	made, _ := theImage(t)
	root := rootOf(t, made)
	certificates, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(certificates) {
		t.Errorf("certificates: %v", err)
	}
	if n := strings.Count(string(certificates), "BEGIN CERTIFICATE"); n < 80 {
		t.Errorf("%d certificate authorities", n)
	}
	zone, err := os.ReadFile(filepath.Join(root, "usr/share/zoneinfo/Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := time.LoadLocationFromTZData("Europe/Berlin", zone); err != nil {
		t.Error(err)
	}
	passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if err != nil || !strings.Contains(string(passwd), "portico:x:65532:65532:") {
		t.Errorf("%s (%v)", passwd, err)
	}
	if notices, err := os.ReadFile(filepath.Join(root, "usr/share/doc/portico/NOTICES")); err != nil || len(notices) < 100_000 {
		t.Errorf("%d bytes of notices (%v)", len(notices), err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, []string{"etc", "portico", "usr"}) {
		t.Errorf("the image has %v: it must have no shell", names)
	}
}

func rootOf(t *testing.T, made v1.Image) string {
	t.Helper()
	files := mutate.Extract(made)
	defer files.Close()
	return unpackTar(t, files)
}

// contained is a command that runs the image's program as the image's user, in a root that cannot be written to.
func contained(t *testing.T, root string, config v1.Config, settings ...string) *exec.Cmd {
	t.Helper()
	needRoot(t)
	const script = `root=$1 user=$2; shift 2; mount --bind "$root" "$root"
		mount -o remount,bind,ro,nosuid,nodev "$root"; exec chroot --userspec="$user" "$root" "$@"`
	args := append([]string{"--mount", "--", "sh", "-ec", script, "sh", root, config.User}, config.Entrypoint...)
	cmd := exec.CommandContext(t.Context(), "unshare", args...)
	cmd.Env = append(slices.Clone(config.Env), settings...)
	return cmd
}

// needRoot skips a test for people who are not root. CI runs it as root.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("this test needs root, to change the root folder of a process")
	}
}

func TestInteropTheImageServesTheEmulatorWithOneSettingAndAReadOnlyRoot(t *testing.T) {
	made, file := theImage(t)
	root := rootOf(t, made)
	// The port is another one, so that the test runs beside other programs.
	p := start(t, contained(t, root, file.Config, "PORTICO_LISTEN=0.0.0.0:0", "PORTICO_CLOUD=emulator", "TZ=Europe/Berlin"))
	p.wantAnswer(t)
	if status, page := p.get(t, "/"); status != 200 || !strings.Contains(page, `data-emulator="true"`) {
		t.Errorf("the playground: status %d, %.200s", status, page)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Name:\tportico\n", "Uid:\t65532\t65532\t65532\t65532\n", "CapEff:\t0000000000000000\n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("the process has no %q:\n%s", want, status)
		}
	}
	probe := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "root", "probe")
	if err := os.WriteFile(probe, nil, 0o600); err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("writing to its root: %v", err)
	}
	line, err := p.log.ReadString('\n') // of the first request
	var entry struct{ Time time.Time }
	if err == nil {
		err = json.Unmarshal([]byte(line), &entry)
	}
	if _, offset := entry.Time.Zone(); err != nil || offset == 0 {
		t.Errorf("the log is not in the time zone TZ: %s (%v)", line, err)
	}
	served, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	check := contained(t, root, file.Config, "PORTICO_LISTEN=0.0.0.0:"+served.Port(), "PORTICO_CLOUD=emulator")
	check.Args = append(check.Args, file.Config.Healthcheck.Test[2:]...)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("the health check: %v, %s", err, out)
	}
}

func TestInteropTheImageServesATenantWithTheSettingsOfTheReadme(t *testing.T) {
	made, file := theImage(t)
	root := rootOf(t, made)
	if err := os.WriteFile(filepath.Join(root, "secret"), []byte("a secret of the tenant"), 0o444); err != nil {
		t.Fatal(err)
	}
	tenant := map[string]string{
		"PORTICO_LISTEN": "0.0.0.0:0", "PORTICO_CLOUD": "global", "PORTICO_CALLERS": "entra",
		"PORTICO_ENTRA_TENANTS": "11111111-2222-4333-8444-555555555555", "PORTICO_ENTRA_SCOPES": "Threats.Read",
		"PORTICO_ENTRA_AUTHORITY": "http://127.0.0.1:9", // nobody listens there: the test sends nothing to the internet
		"AZURE_TENANT_ID":         "11111111-2222-4333-8444-555555555555",
		"AZURE_CLIENT_ID":         "66666666-7777-4888-8999-000000000000", "AZURE_CLIENT_SECRET_FILE": "/secret",
		// Workload identity on Kubernetes sets this variable, too.
		"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
	}
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(tenant)) {
		settings = append(settings, name+"="+tenant[name])
	}
	p := start(t, contained(t, root, file.Config, settings...))
	if status, text := p.get(t, "/livez"); status != 200 {
		t.Errorf("/livez: %d, %s", status, text)
	}
	response, err := client.Post(p.url+"/graphql", "application/json", strings.NewReader(`{"query":"{ __typename }"}`)) //nolint:noctx // the client has a timeout
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 401 {
		t.Errorf("without a token: status %d, want 401", response.StatusCode)
	}
}

func TestInteropTheImageDoesNotStartWithoutASetting(t *testing.T) {
	made, file := theImage(t)
	wantRefusal(t, contained(t, rootOf(t, made), file.Config), "set PORTICO_CLOUD=emulator explicitly")
}

// newBuildah returns a function that runs Buildah, with what it stores in a folder, and returns its output.
func newBuildah(t *testing.T, store string) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		args = append([]string{"--root", store + "/root", "--runroot", store + "/run", "--storage-driver", "vfs"}, args...)
		out, err := exec.CommandContext(t.Context(), "buildah", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("buildah: %v\n%s", err, out)
		}
		return string(out)
	}
}

// Buildah and Podman name an image with the same library.
func TestInteropBothImagesAreCalledPortico(t *testing.T) {
	needRoot(t)
	_, file := theImage(t)
	for kind, pattern := range map[string]string{"oci-archive:": "*_oci.tar", "docker-archive:": "*_docker.tar"} {
		buildah := newBuildah(t, t.TempDir())
		buildah("pull", kind+theFile(t, pattern))
		want := "localhost/portico:" + file.Config.Labels["org.opencontainers.image.version"]
		if got := strings.TrimSpace(buildah("images", "--format", "{{.Name}}:{{.Tag}}")); got != want {
			t.Errorf("%s is called %s, want %s", pattern, got, want)
		}
	}
}

// BuildKit prefers a default in the Dockerfile to the architecture that it builds for: the image would be for another machine.
func TestInteropTheDockerfileLeavesTheArchitectureToTheBuilder(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\nARG TARGETARCH\n") {
		t.Error("ARG TARGETARCH has a default, or is missing")
	}
}

// The Dockerfile is for those whose tools want one. Buildah builds it without a network and without a daemon.
func TestInteropTheDockerfileMakesTheSameImage(t *testing.T) {
	needRoot(t)
	folder, err := released()
	if err != nil {
		t.Fatal(err)
	}
	store := t.TempDir()
	buildah := newBuildah(t, store)
	buildah("build", "--isolation", "chroot", "--format", "docker", "-f", "../Dockerfile", "-t", "portico:test", folder)
	buildah("push", "portico:test", "docker-archive:"+store+"/image.tar")
	built, err := tarball.ImageFromPath(store+"/image.tar", nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	made, ours := theImage(t)
	for _, label := range []string{"version", "revision", "created"} { // a Dockerfile does not know them
		delete(ours.Config.Labels, "org.opencontainers.image."+label)
	}
	delete(theirs.Config.Labels, "io.buildah.version")
	theirs.Config.Env = slices.DeleteFunc(theirs.Config.Env, func(e string) bool { return strings.HasPrefix(e, "PATH=") })
	a, b := ours.Config, theirs.Config
	if fmt.Sprint(a.Labels, a.Env, a.User, a.Entrypoint, a.ExposedPorts, a.StopSignal, a.Healthcheck, a.WorkingDir) !=
		fmt.Sprint(b.Labels, b.Env, b.User, b.Entrypoint, b.ExposedPorts, b.StopSignal, b.Healthcheck, b.WorkingDir) {
		t.Errorf("make release:\n%+v\nDockerfile:\n%+v", a, b)
	}
	others := contents(t, rootOf(t, built))
	for name, data := range contents(t, rootOf(t, made)) {
		if !bytes.Equal(others[name], data) {
			t.Errorf("%s differs", name)
		}
		delete(others, name)
	}
	for name := range others {
		t.Errorf("only the Dockerfile's image has %s", name)
	}
}
