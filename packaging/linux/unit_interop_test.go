//go:build interop

package linux_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"portico/packaging/binary/binarytest"
)

func TestMain(m *testing.M) { binarytest.Main(m) }

// mostExposed is ten times the exposure that the unit may have: systemd's scale goes from 0 to 10.
const mostExposed = "15"

func TestInteropTheUnitExposesLittle(t *testing.T) {
	args := []string{"security", "--offline=true", "--no-pager", "--threshold=" + mostExposed}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", append(args, "./portico.service")...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Overall exposure level for portico.service") {
		t.Errorf("%v\n%s", err, out)
	}
	careless := filepath.Join(t.TempDir(), "careless.service")
	if err := os.WriteFile(careless, []byte("[Service]\nExecStart=/bin/true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := exec.CommandContext(t.Context(), "systemd-analyze", append(args, careless)...).Run(); err == nil {
		t.Error("a unit without any protection passes")
	}
}

func TestInteropSystemdUnderstandsEveryLineOfTheUnit(t *testing.T) {
	unit, err := os.ReadFile("portico.service")
	if err != nil {
		t.Fatal(err)
	}
	verify := func(text string) (string, error) {
		file := filepath.Join(t.TempDir(), "portico.service")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", file).CombinedOutput()
		return string(out), err
	}
	here := strings.Replace(string(unit), "ExecStart=/usr/bin/portico", "ExecStart=/bin/true", 1) // it is not installed here
	if out, err := verify(here); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	if out, _ := verify(here + "ProtectEverything=yes\n"); !strings.Contains(out, "ProtectEverything") {
		t.Errorf("a line that systemd does not know is not found:\n%s", out)
	}
}

// A restart does not cut off what the service would still complete.
func TestInteropSystemdWaitsForTheWholeShutdown(t *testing.T) {
	unit, err := os.ReadFile("portico.service")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| `PORTICO_DRAIN_DELAY` | `--drain-delay` | `5s` |", "| `PORTICO_SHUTDOWN_TIMEOUT` | `--shutdown-timeout` | `20s` |"} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("the README has no %q: TimeoutStopSec depends on it", want)
		}
	}
	if !strings.Contains(string(unit), "\nTimeoutStopSec=30\n") {
		t.Error("TimeoutStopSec is not 5 + 20 + 5 seconds")
	}
}

// Each line of the settings' file that is commented out names a setting.
func TestInteropTheSettingsFileNamesSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("portico.env")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		name, _, isSetting := strings.Cut(strings.TrimPrefix(line, "#"), "=")
		if !isSetting || strings.Contains(name, " ") {
			continue
		}
		found++
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("the README has no setting %s", name)
		}
	}
	if found < 10 {
		t.Errorf("%d settings", found)
	}
}

// Systemd restarts what a restart can help, and nothing else.
func TestInteropSystemdDoesNotRestartWhatHasWrongSettings(t *testing.T) {
	unit, err := os.ReadFile("portico.service")
	if err != nil {
		t.Fatal(err)
	}
	file, err := binarytest.Portico()
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for setting, restarts := range map[string]bool{
		"PORTICO_CLOUD=global":                    false, // as the package is installed: no tenant yet
		"PORTICO_AUDIT_LOG=/nonexistent/audit":    false,
		"PORTICO_LISTEN=" + taken.Addr().String(): true,
	} {
		command := exec.CommandContext(t.Context(), file)
		command.Env = []string{setting}
		out, _ := command.CombinedOutput() // its exit code is what matters
		code := command.ProcessState.ExitCode()
		prevented := strings.Contains(string(unit), "\nRestartPreventExitStatus="+strconv.Itoa(code)+"\n")
		if code <= 0 || prevented == restarts {
			t.Errorf("%s: exit code %d, restart prevented: %v\n%s", setting, code, prevented, out)
		}
	}
}
