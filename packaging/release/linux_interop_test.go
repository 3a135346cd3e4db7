//go:build interop

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// system is an empty root folder, into which packages are installed. Nothing is installed on the machine itself.
type system struct {
	t    *testing.T
	root string
}

func newSystem(t *testing.T) system {
	t.Helper()
	needRoot(t)
	s := system{t, t.TempDir()}
	for _, folder := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/rpm"} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs a package manager. Maintainer scripts run with DPKG_ROOT, because the root has no shell.
func (s system) run(program string, args ...string) string {
	s.t.Helper()
	args = append([]string{"--root=" + s.root}, args...)
	out, err := exec.CommandContext(s.t.Context(), program, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// wantInstalled wants the files of the package with the rights that they need.
func (s system) wantInstalled() {
	s.t.Helper()
	for name, mode := range map[string]os.FileMode{
		"usr/bin/portico":                          0o755,
		"usr/lib/systemd/system/portico.service":   0o644,
		"etc/portico/portico.env":                  0o644,
		"etc/portico/secrets":                      os.ModeDir | 0o700,
		"usr/share/doc/portico/copyright":          0o644,
		"usr/share/doc/portico/NOTICES":            0o644,
		"usr/share/doc/portico/README.md":          0o644,
		"usr/share/doc/portico/docs/operations.md": 0o644,
		"usr/share/doc/portico/docs/deploy.md":     0o644,

		// The documentation links to them.
		"usr/share/doc/portico/packaging/grafana/portico.json":  0o644,
		"usr/share/doc/portico/packaging/prometheus/alerts.yml": 0o644,
	} {
		info, err := os.Stat(filepath.Join(s.root, name))
		if err != nil {
			s.t.Error(err)
		} else if info.Mode() != mode {
			s.t.Errorf("%s has mode %v, want %v", name, info.Mode(), mode)
		}
	}
}

// command is a command that becomes the installed program, with the installed settings and others in addition.
func (s system) command(settings ...string) *exec.Cmd {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.root, "etc/portico/portico.env"))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), "chroot", s.root, "/usr/bin/portico")
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			cmd.Env = append(cmd.Env, line)
		}
	}
	cmd.Env = append(cmd.Env, settings...) // of two values, the last one counts
	return cmd
}

func TestInteropTheDebInstallsUpgradesAndGoes(t *testing.T) {
	s := newSystem(t)
	deb := theFile(t, "*.deb")
	s.run("dpkg", "--force-script-chrootless", "--install", deb)
	s.wantInstalled()
	if status := s.run("dpkg", "--status", "portico"); !strings.Contains(status, "Status: install ok installed\n") {
		t.Error(status)
	}
	s.run("dpkg", "--verify", "portico")
	wantRefusal(t, s.command(), "AZURE_TENANT_ID") // as it is installed, it serves no invented data
	p := start(t, s.command("PORTICO_CLOUD=emulator", "PORTICO_LISTEN=127.0.0.1:0"))
	p.wantAnswer(t)

	settings := filepath.Join(s.root, "etc/portico/portico.env")
	if err := os.WriteFile(settings, []byte("PORTICO_CLOUD=china\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(s.root, "etc/portico/secrets/client-secret")
	if err := os.WriteFile(secret, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("dpkg", "--force-script-chrootless", "--install", deb)
	if text, err := os.ReadFile(settings); err != nil || string(text) != "PORTICO_CLOUD=china\n" {
		t.Errorf("an upgrade changed the settings: %s (%v)", text, err)
	}
	s.run("dpkg", "--force-script-chrootless", "--remove", "portico")
	if _, err := os.Stat(filepath.Join(s.root, "usr/bin/portico")); !os.IsNotExist(err) {
		t.Errorf("the program is still there: %v", err)
	}
	for _, file := range []string{settings, secret} {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("the removal deleted what the administrator wrote: %v", err)
		}
	}
}

func TestInteropTheRPMInstallsAndStarts(t *testing.T) {
	s := newSystem(t)
	rpm := theFile(t, "*.rpm")
	s.run("rpm", "--install", "--nodeps", "--noscripts", rpm)
	s.wantInstalled()
	s.run("rpm", "--verify", "portico")
	if kept := s.run("rpm", "--query", "--configfiles", "portico"); strings.TrimSpace(kept) != "/etc/portico/portico.env" {
		t.Errorf("an upgrade keeps %q", kept)
	}
	p := start(t, s.command("PORTICO_CLOUD=emulator", "PORTICO_LISTEN=127.0.0.1:0"))
	p.wantAnswer(t)
}

// dpkg and rpm run the same scripts with different arguments.
func TestInteropScriptsActOnARunningSystemdOnly(t *testing.T) {
	for _, script := range []string{"postinstall.sh", "preremove.sh", "postremove.sh"} {
		for _, argument := range []string{"configure", "upgrade", "remove", "purge", "0", "1", "2"} {
			for _, running := range []bool{false, true} {
				got, out := runScript(t, script, argument, systemd{version: "252 (252.39-1~deb12u2)", runs: running})
				if want := wantedCalls(script, argument, running); !slices.Equal(got, want) || out != "" {
					t.Errorf("%s %s, systemd running: %v: called systemctl %v, want %v; said %q", script, argument, running, got, want, out)
				}
			}
		}
	}
}

// An upgrade to a version that refuses a setting leaves a package that is installed, and a service that is not.
func TestInteropAServiceThatDoesNotStartFailsNoInstallation(t *testing.T) {
	for _, script := range []string{"postinstall.sh", "preremove.sh", "postremove.sh"} {
		got, out := runScript(t, script, "remove", systemd{version: "252", runs: true, fails: true})
		if want := wantedCalls(script, "remove", true); !slices.Equal(got, want) {
			t.Errorf("%s: called systemctl %v, want %v", script, got, want)
		}
		if script == "postinstall.sh" && !strings.Contains(out, "journalctl -u portico") {
			t.Errorf("the administrator does not learn that the service did not start: %q", out)
		}
	}
}

func TestInteropTheInstallationWarnsOfASystemdThatCannotStartTheUnit(t *testing.T) {
	for version, warns := range map[string]bool{
		"239 (239-82.el8)": true, "247 (247.3-7+deb11u6)": true, "249 (249.11-0ubuntu3.22)": true, "250 (250-12.el9_1)": true,
		"251": false, "252 (252-46.el9)": false, "258~rc1": false,
	} {
		_, out := runScript(t, "postinstall.sh", "configure", systemd{version: version, runs: true})
		if warned := strings.Contains(out, "needs systemd 251"); warned != warns {
			t.Errorf("systemd %s: said %q", version, out)
		}
	}
}

// systemd is what a script of the package finds on a machine.
type systemd struct {
	version     string
	runs, fails bool
}

// runScript runs a script with a systemctl that acts on nothing. It returns what systemctl was called with, and what the
// script said.
func runScript(t *testing.T, script, argument string, machine systemd) (calls []string, out string) {
	t.Helper()
	root := t.TempDir()
	log := filepath.Join(root, "log")
	fake := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'systemd %s'; exit; fi\necho \"$@\" >>%s\n", machine.version, log)
	if machine.fails {
		fake += "exit 1\n"
	}
	if err := os.WriteFile(filepath.Join(root, "systemctl"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	if machine.runs {
		if err := os.MkdirAll(filepath.Join(root, "run/systemd/system"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", filepath.Join("../linux", script), argument)
	cmd.Env = []string{"DPKG_ROOT=" + root, "PATH=" + root + ":/bin:/usr/bin"}
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v, %s", script, argument, err, text)
	}
	did, _ := os.ReadFile(log) // no file: it did nothing
	return strings.Fields(strings.ReplaceAll(string(did), " ", "_")), string(text)
}

func wantedCalls(script, argument string, running bool) []string {
	switch {
	case !running:
		return nil
	case script == "postinstall.sh":
		return []string{"daemon-reload", "try-restart_portico.service"}
	case script == "postremove.sh":
		return []string{"daemon-reload"}
	case argument == "remove" || argument == "0":
		return []string{"disable_--now_portico.service"}
	}
	return nil
}
