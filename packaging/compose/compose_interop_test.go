//go:build interop

// Package compose_test checks the compose file as far as that is possible without a container engine: it is parsed by
// Compose's own library, and what it names has to exist.
package compose_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"sigs.k8s.io/yaml"
)

func project(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yml"})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestInteropComposeHasItsFourServices(t *testing.T) {
	if got, want := project(t).ServiceNames(), []string{"grafana", "portico", "prometheus", "redis"}; !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
}

func TestInteropEachFileThatComposeMountsIsThere(t *testing.T) {
	mounts := 0
	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			mounts++
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !volume.ReadOnly {
				t.Errorf("%s can write to %s", name, volume.Source)
			}
		}
	}
	if mounts != 4 {
		t.Errorf("%d files are mounted", mounts)
	}
	build := project(t).Services["portico"].Build
	if _, err := os.Stat(filepath.Join(filepath.Dir(build.Context), "packaging", "Dockerfile")); err != nil || filepath.Base(build.Context) != "dist" {
		t.Errorf("the image is built in %s: %v", build.Context, err)
	}
}

func TestInteropComposeGivesContainersNothingThatTheyDoNotNeed(t *testing.T) {
	for name, service := range project(t).Services {
		if !slices.Equal(service.CapDrop, []string{"ALL"}) || len(service.CapAdd) > 0 || service.Privileged {
			t.Errorf("%s keeps capabilities", name)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges") {
			t.Errorf("%s may get new privileges", name)
		}
		if user := service.User; user == "root" || strings.ContainsAny(user, "0123456789") {
			t.Errorf("%s runs as %q: not root, and by the image's name for the user, because numbers differ between images", name, user)
		}
		if name == "redis" && service.User != "redis" {
			t.Errorf("Redis starts as %q: without capabilities, its entrypoint cannot change to the user redis", service.User)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s is published at %q", name, port.HostIP)
			}
		}
		if service.Image == "" || strings.HasSuffix(service.Image, ":latest") || !strings.Contains(service.Image, ":") {
			t.Errorf("%s has no version: %q", name, service.Image)
		}
	}
	if portico := project(t).Services["portico"]; !portico.ReadOnly {
		t.Error("Portico's root is not read-only")
	}
}

func TestInteropComposeSetsSettingsOfPortico(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	environment := project(t).Services["portico"].Environment
	for name := range environment {
		if !strings.Contains(string(readme), "| `"+name+"` |") {
			t.Errorf("the README has no setting %s", name)
		}
	}
	if cache := environment["PORTICO_CACHE"]; cache == nil || *cache != "redis://redis:6379" || !strings.Contains(string(readme), "or the URL of a Redis") {
		t.Error("Portico does not use the Redis")
	}
}

func TestInteropPrometheusReadsPorticosMetrics(t *testing.T) {
	var config struct {
		RuleFiles []string `json:"rule_files"`
		Scrapes   []struct {
			Job    string `json:"job_name"`
			Static []struct {
				Targets []string `json:"targets"`
			} `json:"static_configs"`
		} `json:"scrape_configs"`
	}
	read(t, "../prometheus/prometheus.yml", &config)
	if len(config.Scrapes) != 1 || config.Scrapes[0].Static[0].Targets[0] != "portico:9464" {
		t.Fatalf("%+v", config)
	}
	listen := project(t).Services["portico"].Environment["PORTICO_METRICS_LISTEN"]
	if listen == nil || !strings.HasSuffix(*listen, ":9464") {
		t.Error("Portico serves no metrics at this port")
	}
	alerts, err := os.ReadFile("../prometheus/alerts.yml")
	if err != nil || !strings.Contains(string(alerts), `job="`+config.Scrapes[0].Job+`"`) {
		t.Errorf("the alert rules do not look for the job %s: %v", config.Scrapes[0].Job, err)
	}
	folder := filepath.Dir(config.RuleFiles[0])
	if !slices.ContainsFunc(project(t).Services["prometheus"].Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == folder }) {
		t.Errorf("%s is not mounted", folder)
	}
}

func TestInteropGrafanaFindsItsDashboardAndItsData(t *testing.T) {
	var sources struct {
		Datasources []struct{ URL, Type string }
	}
	read(t, "../grafana/datasources.yml", &sources)
	if sources.Datasources[0].URL != "http://prometheus:9090" || sources.Datasources[0].Type != "prometheus" {
		t.Errorf("%+v", sources)
	}
	var dashboards struct {
		Providers []struct{ Options struct{ Path string } }
	}
	read(t, "../grafana/dashboards.yml", &dashboards)
	path := dashboards.Providers[0].Options.Path
	if !slices.ContainsFunc(project(t).Services["grafana"].Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == path }) {
		t.Errorf("%s is not mounted", path)
	}
	var dashboard struct{ UID string }
	read(t, "../grafana/portico.json", &dashboard)
	if dashboard.UID != "portico" { // the URL in compose.yml has it
		t.Errorf("the dashboard has the uid %s", dashboard.UID)
	}
}

// read decodes a file. YAML contains JSON.
func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
