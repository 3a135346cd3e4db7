//go:build interop

// Package helm_test holds the chart to what Kubernetes and Helm accept: with Helm's own engine and linter, and with the
// types and the pod security standards of Kubernetes.
package helm_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const chart = "portico"

// objects is what a release of the chart consists of.
type objects struct {
	Deployment     *apps.Deployment
	Service        *core.Service
	Metrics        *core.Service
	ServiceAccount *core.ServiceAccount
	Budget         *policy.PodDisruptionBudget
	Autoscaler     *autoscaling.HorizontalPodAutoscaler
	Network        *networking.NetworkPolicy
	Ingress        *networking.Ingress
	Monitor        *monitoring.ServiceMonitor
}

func valuesOf(t *testing.T, file string) common.Values {
	t.Helper()
	values, err := common.ReadValuesFile(filepath.Join("testdata", file+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// release is what an installation of the chart is called, and where it is.
type release struct{ name, namespace string }

// rendered renders the chart as helm template does, in the namespace security, as the release threats.
func rendered(values common.Values) (map[string]string, error) {
	return release{"threats", "security"}.rendered(values)
}

func (r release) rendered(values common.Values) (map[string]string, error) {
	loaded, err := loader.Load(chart)
	if err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: r.name, Namespace: r.namespace, Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(loaded, values, options, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(loaded, all)
}

// template renders and decodes the chart. Fields that Kubernetes does not know, and keys that are there twice, are errors.
func template(t *testing.T, values common.Values) objects {
	t.Helper()
	return release{"threats", "security"}.template(t, values)
}

func (r release) template(t *testing.T, values common.Values) objects {
	t.Helper()
	files, err := r.rendered(values)
	if err != nil {
		t.Fatal(err)
	}
	var o objects
	for name, text := range files {
		if strings.TrimSpace(text) == "" || strings.HasSuffix(name, ".txt") || strings.HasSuffix(name, ".tpl") {
			continue
		}
		var kind meta.TypeMeta
		if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		target := o.target(kind, filepath.Base(name))
		if target == nil {
			t.Fatalf("%s is %s of %s", name, kind.Kind, kind.APIVersion)
		}
		if err := yaml.UnmarshalStrict([]byte(text), target); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	return o
}

func (o *objects) target(kind meta.TypeMeta, file string) any {
	switch kind.APIVersion + " " + kind.Kind {
	case "apps/v1 Deployment":
		o.Deployment = &apps.Deployment{}
		return o.Deployment
	case "v1 Service":
		if file == "service-metrics.yaml" {
			o.Metrics = &core.Service{}
			return o.Metrics
		}
		o.Service = &core.Service{}
		return o.Service
	case "v1 ServiceAccount":
		o.ServiceAccount = &core.ServiceAccount{}
		return o.ServiceAccount
	case "policy/v1 PodDisruptionBudget":
		o.Budget = &policy.PodDisruptionBudget{}
		return o.Budget
	case "autoscaling/v2 HorizontalPodAutoscaler":
		o.Autoscaler = &autoscaling.HorizontalPodAutoscaler{}
		return o.Autoscaler
	case "networking.k8s.io/v1 NetworkPolicy":
		o.Network = &networking.NetworkPolicy{}
		return o.Network
	case "networking.k8s.io/v1 Ingress":
		o.Ingress = &networking.Ingress{}
		return o.Ingress
	case "monitoring.coreos.com/v1 ServiceMonitor":
		o.Monitor = &monitoring.ServiceMonitor{}
		return o.Monitor
	}
	return nil
}

// examples are the values files in testdata.
func examples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".yaml"))
	}
	return names
}

func TestInteropHelmLintHasNothingToSay(t *testing.T) {
	for _, example := range append(examples(t), "") {
		values := common.Values{}
		if example != "" {
			values = valuesOf(t, example)
		}
		for _, message := range lint.RunAll(chart, values, "security").Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%q: %s", example, message.Error())
			}
		}
	}
}

func TestInteropEachExampleHasItsObjects(t *testing.T) {
	for example, want := range map[string]string{
		"emulator":  "Budget Deployment Metrics Network Service ServiceAccount",
		"tenant":    "Autoscaler Budget Deployment Ingress Metrics Network Service ServiceAccount",
		"analysts":  "Budget Deployment Network Service ServiceAccount",
		"monitored": "Budget Deployment Ingress Metrics Monitor Network Service ServiceAccount",
		"small":     "Deployment Metrics Service",

		"passthrough": "Budget Deployment Ingress Metrics Network Service ServiceAccount",
	} {
		if got := kinds(template(t, valuesOf(t, example))); got != want {
			t.Errorf("%s has %s, want %s", example, got, want)
		}
	}
}

func kinds(o objects) string {
	has := map[string]bool{
		"Deployment": o.Deployment != nil, "Service": o.Service != nil, "Metrics": o.Metrics != nil, "ServiceAccount": o.ServiceAccount != nil,
		"Budget": o.Budget != nil, "Autoscaler": o.Autoscaler != nil, "Network": o.Network != nil, "Ingress": o.Ingress != nil, "Monitor": o.Monitor != nil,
	}
	maps.DeleteFunc(has, func(_ string, there bool) bool { return !there })
	return strings.Join(slices.Sorted(maps.Keys(has)), " ")
}

// The linter renders with values that it made lenient; these are what a person reads.
func TestInteropValuesThatCannotWorkAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ values, want string }{
		"nothing set":                        {``, "set settings.PORTICO_CALLERS and the settings of a tenant (see docs/deploy.md), or emulator.enabled=true"},
		"a secret as a setting":              {`settings: {PORTICO_CALLERS: entra, AZURE_CLIENT_SECRET: s}`, "settings.AZURE_CLIENT_SECRET is a secret"},
		"a setting twice":                    {`{emulator: {enabled: true}, settings: {PORTICO_DOCUMENTS: /x}, files: {PORTICO_DOCUMENTS: {configMap: x}}}`, "PORTICO_DOCUMENTS is in settings and in files"},
		"the emulator and a cloud":           {`{emulator: {enabled: true}, settings: {PORTICO_CLOUD: global}}`, "settings.PORTICO_CLOUD is global"},
		"a number as a setting":              {`{emulator: {enabled: true}, settings: {PORTICO_EMULATOR_SIZE: 1000000}}`, "got number, want string"},
		"a misspelled value":                 {`{emulator: {enabled: true}, replicaCount: 3}`, "additional properties 'replicaCount' not allowed"},
		"a misspelled value below another":   {`{emulator: {enable: true}}`, "additional properties 'enable' not allowed"},
		"a file from nowhere":                {`{emulator: {enabled: true}, files: {PORTICO_DOCUMENTS: {key: x}}}`, "oneOf"},
		"a file from two places":             {`{emulator: {enabled: true}, files: {PORTICO_DOCUMENTS: {secret: x, configMap: y}}}`, "oneOf"},
		"a monitor without metrics":          {`{emulator: {enabled: true}, metrics: {enabled: false}, serviceMonitor: {enabled: true}}`, "serviceMonitor.enabled needs metrics.enabled"},
		"workload identity without a client": {`{emulator: {enabled: true}, workloadIdentity: {enabled: true}}`, "needs workloadIdentity.clientId"},
		"an ingress without a host":          {`{emulator: {enabled: true}, ingress: {enabled: true}}`, "needs ingress.host"},
		"workload identity of any account":   {`{emulator: {enabled: true}, workloadIdentity: {enabled: true}, serviceAccount: {create: false}}`, "needs serviceAccount.create, or in serviceAccount.name an account"},
		"a secret in a URL":                  {`{emulator: {enabled: true}, settings: {PORTICO_CACHE: "redis://:s3cret@redis:6379"}}`, "settings.PORTICO_CACHE has a password"},
		"a secret in a proxy's URL":          {`{emulator: {enabled: true}, settings: {HTTPS_PROXY: "http://ada:s3cret@proxy:3128"}}`, "settings.HTTPS_PROXY has a password"},
		"a secret that has no file":          {`{emulator: {enabled: true}, settings: {OTEL_EXPORTER_OTLP_TRACES_HEADERS: key=s}}`, "extraEnv, with valueFrom.secretKeyRef"},
		"a variable in two places":           {`{emulator: {enabled: true}, extraEnv: [{name: PORTICO_LISTEN, value: ":1"}]}`, "PORTICO_LISTEN is in extraEnv, and"},
		"an address that nobody reaches":     {`{emulator: {enabled: true}, settings: {PORTICO_LISTEN: "127.0.0.1:8080"}}`, "settings.PORTICO_LISTEN must be :PORT (got 127.0.0.1:8080)"},
		"probes at an address for others":    {`{emulator: {enabled: true}, settings: {PORTICO_ADMIN_LISTEN: "localhost:9090"}}`, "settings.PORTICO_ADMIN_LISTEN must be :PORT"},
		"metrics without a port":             {`{emulator: {enabled: true}, settings: {PORTICO_METRICS_LISTEN: "0.0.0.0"}}`, "settings.PORTICO_METRICS_LISTEN must be :PORT"},
		"a Unix socket":                      {`{emulator: {enabled: true}, settings: {PORTICO_LISTEN: "unix:/run/portico.sock"}}`, "settings.PORTICO_LISTEN must be :PORT"},
		"a name with capitals":               {`{emulator: {enabled: true}, fullnameOverride: Portico}`, "Portico cannot be the name of a Service"},
		"more replicas than allowed":         {`{emulator: {enabled: true}, autoscaling: {enabled: true, minReplicas: 20}}`, "autoscaling.minReplicas (20) must not be above autoscaling.maxReplicas (10)"},
		"autoscaling by nothing":             {`{emulator: {enabled: true}, autoscaling: {enabled: true}, resources: {requests: {cpu: null}}}`, "autoscaling.enabled needs resources.requests.cpu"},
		"a file in another folder":           {`{emulator: {enabled: true}, files: {PORTICO_DOCUMENTS: {configMap: x, key: ../x}}}`, "does not match pattern"},
		"a file with a name of dots":         {`{emulator: {enabled: true}, files: {PORTICO_DOCUMENTS: {configMap: x, key: ..data}}}`, "does not match pattern"},
		"a file of no setting":               {`{emulator: {enabled: true}, files: {_documents: {configMap: x}}}`, "does not match pattern"},
		"a bad digest":                       {`{emulator: {enabled: true}, image: {digest: latest}}`, "does not match pattern"},
	} {
		values, err := common.ReadValues([]byte(tt.values))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rendered(values); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func TestInteropTheNotesSayThatDataIsInvented(t *testing.T) {
	for example, invented := range map[string]bool{"emulator": true, "tenant": false} {
		files, err := rendered(valuesOf(t, example))
		if err != nil {
			t.Fatal(err)
		}
		notes := files["portico/templates/NOTES.txt"]
		if strings.Contains(notes, "INVENTED DATA") != invented || !strings.Contains(notes, "port-forward service/threats-portico 8080:80") {
			t.Errorf("%s: %s", example, notes)
		}
	}
}

// What Helm prints after an installation tells of connections that will not work.
func TestInteropTheNotesWarn(t *testing.T) {
	for name, tt := range map[string]struct {
		values, says string
		warns        bool
	}{
		"an ingress that is not trusted": {`ingress: {enabled: true, host: a.example}`, "PORTICO_TRUSTED_PROXIES is not set", true},
		"an ingress that is trusted":     {`{ingress: {enabled: true, host: a.example}, settings: {PORTICO_TRUSTED_PROXIES: 10.0.0.0/8}}`, "PORTICO_TRUSTED_PROXIES is not set", false},
		"a Redis behind the policy":      {`settings: {PORTICO_CACHE: "redis://redis:6379"}`, "If settings.PORTICO_CACHE is elsewhere", true},
		"a Redis that the policy allows": {`{settings: {PORTICO_CACHE: "redis://redis:6379"}, networkPolicy: {egress: [{ports: [{port: 6379}]}]}}`, "settings.PORTICO_CACHE", false},
		"a cache in memory":              {`settings: {PORTICO_CACHE: memory}`, "settings.PORTICO_CACHE", false},
		"a Redis without a policy":       {`{settings: {PORTICO_CACHE: "redis://redis:6379"}, networkPolicy: {enabled: false}}`, "settings.PORTICO_CACHE", false},
		"TLS in the pod":                 {`files: {PORTICO_TLS_CERTIFICATE: {secret: tls, key: tls.crt}}`, "open https://localhost:8080/", true},
	} {
		values, err := common.ReadValues([]byte(tt.values))
		if err != nil {
			t.Fatal(err)
		}
		values["emulator"] = map[string]any{"enabled": true}
		files, err := rendered(values)
		if err != nil {
			t.Fatal(err)
		}
		if notes := files["portico/templates/NOTES.txt"]; strings.Contains(notes, tt.says) != tt.warns {
			t.Errorf("%s: %s", name, notes)
		}
	}
}

// A value that nobody reads, or that the schema does not know, is a trap.
func TestInteropEveryValueIsUsedAndInTheSchema(t *testing.T) {
	text, err := os.ReadFile("portico/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := common.ReadValues(text)
	if err != nil {
		t.Fatal(err)
	}
	var templates bytes.Buffer
	files, err := filepath.Glob("portico/templates/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		templates.Write(text)
	}
	for name, value := range values {
		below, isMap := value.(map[string]any)
		isWhole := strings.Contains(templates.String(), "toYaml .Values."+name+" ") || strings.Contains(templates.String(), "with .Values."+name+" ")
		if !isMap || len(below) == 0 || isWhole {
			below = map[string]any{"": nil}
		}
		for inner := range below {
			path := strings.TrimSuffix(".Values."+name+"."+inner, ".")
			if !strings.Contains(templates.String(), path) {
				t.Errorf("no template reads %s", path)
			}
		}
	}
}
