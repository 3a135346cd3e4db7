//go:build interop

package helm_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	podsecurity "k8s.io/pod-security-admission/policy"

	"helm.sh/helm/v4/pkg/chart/common"
)

// The standard "restricted" is the strictest that Kubernetes has.
func TestInteropPodsMeetTheStrictestSecurityStandard(t *testing.T) {
	evaluator, err := podsecurity.NewEvaluator(podsecurity.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, example := range examples(t) {
		pod := template(t, valuesOf(t, example)).Deployment.Spec.Template
		result := podsecurity.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
		if !result.Allowed {
			t.Errorf("%s: %s: %s", example, result.ForbiddenReason(), result.ForbiddenDetail())
		}
		pod.Spec.Containers[0].SecurityContext.Capabilities = nil
		if result := podsecurity.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec)); result.Allowed {
			t.Error("a pod that keeps its capabilities meets the standard")
		}
	}
}

// What the standard does not require.
func TestInteropPodsCanWriteNothingAndHaveNoToken(t *testing.T) {
	for _, example := range examples(t) {
		spec := template(t, valuesOf(t, example)).Deployment.Spec.Template.Spec
		pod, container := spec.SecurityContext, spec.Containers[0].SecurityContext
		for what, ok := range map[string]bool{
			"one container":                      len(spec.Containers) == 1 && len(spec.InitContainers) == 0,
			"runAsNonRoot of the pod":            pod.RunAsNonRoot != nil && *pod.RunAsNonRoot,
			"runAsUser 65532":                    pod.RunAsUser != nil && *pod.RunAsUser == 65532,
			"runAsGroup 65532":                   pod.RunAsGroup != nil && *pod.RunAsGroup == 65532,
			"fsGroup 65532":                      pod.FSGroup != nil && *pod.FSGroup == 65532,
			"seccomp RuntimeDefault of the pod":  pod.SeccompProfile != nil && pod.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
			"runAsNonRoot":                       container.RunAsNonRoot != nil && *container.RunAsNonRoot,
			"readOnlyRootFilesystem":             container.ReadOnlyRootFilesystem != nil && *container.ReadOnlyRootFilesystem,
			"allowPrivilegeEscalation false":     container.AllowPrivilegeEscalation != nil && !*container.AllowPrivilegeEscalation,
			"privileged false":                   container.Privileged != nil && !*container.Privileged,
			"all capabilities dropped":           slices.Equal(container.Capabilities.Drop, []core.Capability{"ALL"}) && len(container.Capabilities.Add) == 0,
			"seccomp RuntimeDefault":             container.SeccompProfile != nil && container.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
			"no token of the service account":    spec.AutomountServiceAccountToken != nil && !*spec.AutomountServiceAccountToken,
			"no variables of other services":     spec.EnableServiceLinks != nil && !*spec.EnableServiceLinks,
			"nothing of the host":                !spec.HostNetwork && !spec.HostPID && !spec.HostIPC,
			"a limit of memory":                  !spec.Containers[0].Resources.Limits.Memory().IsZero(),
			"requests of processors and memory":  !spec.Containers[0].Resources.Requests.Memory().IsZero() && !spec.Containers[0].Resources.Requests.Cpu().IsZero(),
			"time for the whole shutdown":        *spec.TerminationGracePeriodSeconds >= 30, // PORTICO_DRAIN_DELAY + PORTICO_SHUTDOWN_TIMEOUT + 5
			"volumes that are mounted read-only": !slices.ContainsFunc(spec.Containers[0].VolumeMounts, func(m core.VolumeMount) bool { return !m.ReadOnly }),
			"secrets for the group alone":        !slices.ContainsFunc(spec.Volumes, func(v core.Volume) bool { return v.Secret != nil && *v.Secret.DefaultMode != 0o440 }),
		} {
			if !ok {
				t.Errorf("%s: no %s", example, what)
			}
		}
	}
}

func TestInteropProbesUseTheAddressForHealth(t *testing.T) {
	for _, example := range examples(t) {
		container := template(t, valuesOf(t, example)).Deployment.Spec.Template.Spec.Containers[0]
		for path, probe := range map[string]*core.Probe{"/livez": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
			if probe.HTTPGet.Path != path || probe.HTTPGet.Port != intstr.FromString("health") || probe.HTTPGet.Scheme != "" {
				t.Errorf("%s: %s is probed as %+v", example, path, probe.HTTPGet)
			}
		}
		if container.StartupProbe == nil || container.StartupProbe.HTTPGet.Path != "/livez" {
			t.Errorf("%s: no startup probe", example)
		}
	}
}

func TestInteropObjectsFindEachOther(t *testing.T) {
	for _, example := range examples(t) {
		t.Run(example, func(t *testing.T) { wantTogether(t, template(t, valuesOf(t, example))) })
	}
}

// wantTogether wants selectors to select, and references to lead to what they name.
func wantTogether(t *testing.T, o objects) {
	t.Helper()
	pod := o.Deployment.Spec.Template
	ports := map[string]int32{}
	for _, port := range pod.Spec.Containers[0].Ports {
		ports[port.Name] = port.ContainerPort
	}
	selectsPods := func(what string, selector *meta.LabelSelector) {
		t.Helper()
		parsed, err := meta.LabelSelectorAsSelector(selector)
		if err != nil || parsed.Empty() || !parsed.Matches(labels.Set(pod.Labels)) {
			t.Errorf("%s does not select the pods: %v (%v)", what, parsed, err)
		}
	}
	selectsPods("the Deployment", o.Deployment.Spec.Selector)
	for _, service := range []*core.Service{o.Service, o.Metrics} {
		if service == nil {
			continue
		}
		selectsPods("a Service", &meta.LabelSelector{MatchLabels: service.Spec.Selector})
		if ports[service.Spec.Ports[0].TargetPort.StrVal] == 0 {
			t.Errorf("the pod has no port %s", service.Spec.Ports[0].TargetPort.StrVal)
		}
	}
	if o.Budget != nil {
		selectsPods("the PodDisruptionBudget", o.Budget.Spec.Selector)
	}
	if o.Network != nil {
		selectsPods("the NetworkPolicy", &o.Network.Spec.PodSelector)
		for _, rule := range o.Network.Spec.Ingress {
			if ports[rule.Ports[0].Port.StrVal] == 0 {
				t.Errorf("the pod has no port %s", rule.Ports[0].Port.StrVal)
			}
		}
	}
	for _, constraint := range pod.Spec.TopologySpreadConstraints {
		selectsPods("a constraint", constraint.LabelSelector)
	}
	if o.Autoscaler != nil {
		if target := o.Autoscaler.Spec.ScaleTargetRef; target.Name != o.Deployment.Name || target.Kind != "Deployment" || target.APIVersion != "apps/v1" {
			t.Errorf("the autoscaler scales %+v", target)
		}
		if o.Deployment.Spec.Replicas != nil {
			t.Error("the Deployment sets what the autoscaler sets")
		}
	}
	if o.Monitor != nil {
		selector, err := meta.LabelSelectorAsSelector(&o.Monitor.Spec.Selector)
		if err != nil || !selector.Matches(labels.Set(o.Metrics.Labels)) || selector.Matches(labels.Set(o.Service.Labels)) {
			t.Errorf("the ServiceMonitor selects %v (%v)", selector, err)
		}
		if job := jobOf(o.Monitor); job != "portico" {
			t.Errorf("the job is %q, and the alerts look for portico", job)
		}
		if o.Monitor.Spec.Endpoints[0].Port != o.Metrics.Spec.Ports[0].Name {
			t.Errorf("the ServiceMonitor reads port %s", o.Monitor.Spec.Endpoints[0].Port)
		}
	}
	if o.Ingress != nil {
		backend := o.Ingress.Spec.Rules[0].HTTP.Paths[0].Backend.Service
		if backend.Name != o.Service.Name || backend.Port.Name != o.Service.Spec.Ports[0].Name {
			t.Errorf("the ingress leads to %+v", backend)
		}
	}
	if o.ServiceAccount != nil && o.ServiceAccount.Name != pod.Spec.ServiceAccountName {
		t.Errorf("the pod runs as %s", pod.Spec.ServiceAccountName)
	}
	for _, mount := range pod.Spec.Containers[0].VolumeMounts {
		if problems := validation.IsDNS1123Label(mount.Name); len(problems) > 0 {
			t.Errorf("volume %s: %v", mount.Name, problems)
		}
		if !slices.ContainsFunc(pod.Spec.Volumes, func(v core.Volume) bool { return v.Name == mount.Name }) {
			t.Errorf("no volume %s", mount.Name)
		}
	}
}

// jobOf is the job that a ServiceMonitor gives its metrics; empty for the name of the Service.
func jobOf(monitor *monitoring.ServiceMonitor) (job string) {
	for _, one := range monitor.Spec.Endpoints[0].RelabelConfigs {
		if one.TargetLabel == "job" && len(one.SourceLabels) == 0 && one.Replacement != nil {
			job = *one.Replacement
		}
	}
	return job
}

func TestInteropWorkloadIdentityHasItsLabelAndAnnotation(t *testing.T) {
	o := template(t, valuesOf(t, "tenant"))
	if o.Deployment.Spec.Template.Labels["azure.workload.identity/use"] != "true" {
		t.Errorf("the pod's labels: %v", o.Deployment.Spec.Template.Labels)
	}
	if got := o.ServiceAccount.Annotations["azure.workload.identity/client-id"]; got != "66666666-7777-4888-8999-000000000000" {
		t.Errorf("the account's annotations: %v", o.ServiceAccount.Annotations)
	}
	if o := template(t, valuesOf(t, "emulator")); o.Deployment.Spec.Template.Labels["azure.workload.identity/use"] != "" {
		t.Error("a pod without workload identity has its label")
	}
}

func TestInteropThePodMayConnectToWhatItNeedsAlone(t *testing.T) {
	if egress := template(t, valuesOf(t, "emulator")).Network.Spec.Egress; len(egress) > 0 {
		t.Errorf("with the emulator, the pod may connect to %+v", egress)
	}
	redis := valuesOf(t, "emulator")
	redis["networkPolicy"] = map[string]any{"egress": []any{map[string]any{"ports": []any{map[string]any{"port": 6379}}}}}
	if egress := template(t, redis).Network.Spec.Egress; len(egress) != 2 || egress[0].Ports[0].Port.IntVal != 53 || len(egress[1].To) > 0 {
		t.Errorf("with the emulator and a Redis, the pod may connect to %+v, want names to be resolved, and Redis", egress)
	}
	network := template(t, valuesOf(t, "analysts")).Network.Spec
	if !slices.Equal(network.PolicyTypes, []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress}) {
		t.Errorf("the policy is for %v", network.PolicyTypes)
	}
	var rules []string
	for _, rule := range network.Egress {
		text := ""
		for _, port := range rule.Ports {
			text += fmt.Sprint(port.Port.IntVal, " ")
		}
		for _, to := range rule.To {
			if to.IPBlock != nil {
				text += to.IPBlock.CIDR + " "
				if !slices.Contains(append(to.IPBlock.Except, "fc00::/7"), "fc00::/7") || len(to.IPBlock.Except) < 2 {
					t.Errorf("private addresses are not excepted: %v", to.IPBlock)
				}
			}
		}
		rules = append(rules, strings.TrimSpace(text))
	}
	if want := []string{"53 53", "443 0.0.0.0/0 ::/0", "6379"}; !slices.Equal(rules, want) {
		t.Errorf("the pod may connect to %q, want %q", rules, want)
	}
}

// settingRow is a row of the README's tables of settings; its second name is that of a secret's file.
var settingRow = regexp.MustCompile("(?m)^\\| `([A-Z_]+)`(?: or `([A-Z_]+)`)? \\| `--")

func TestInteropEverySettingOfPorticoIsReachable(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := settingRow.FindAllStringSubmatch(string(readme), -1)
	if len(rows) < 60 {
		t.Fatalf("the README has %d settings", len(rows))
	}
	settings, files := map[string]any{}, map[string]any{}
	for _, row := range rows {
		if row[2] != "" {
			files[row[2]] = map[string]any{"secret": "s", "key": strings.ToLower(row[2])}
			secret := common.Values{"emulator": map[string]any{"enabled": true}, "settings": map[string]any{row[1]: "x"}}
			if _, err := rendered(secret); err == nil || !strings.Contains(err.Error(), row[1]+" is a secret") {
				t.Errorf("the chart takes %s from its values: %v", row[1], err)
			}
			continue
		}
		settings[row[1]] = "value of " + row[1]
	}
	settings["PORTICO_CALLERS"] = "entra"
	settings["PORTICO_LISTEN"], settings["PORTICO_ADMIN_LISTEN"], settings["PORTICO_METRICS_LISTEN"] = ":1", ":2", ":3"
	container := template(t, common.Values{"settings": settings, "files": files}).Deployment.Spec.Template.Spec.Containers[0]
	env := map[string]string{}
	for _, variable := range container.Env {
		if _, twice := env[variable.Name]; twice {
			t.Errorf("%s is set twice", variable.Name)
		}
		env[variable.Name] = variable.Value
	}
	want := map[string]string{}
	for name, value := range settings {
		want[name] = value.(string)
	}
	// Those of the Service stay.
	want["PORTICO_ALLOWED_HOSTS"] = "threats-portico,threats-portico.security,threats-portico.security.svc,threats-portico.security.svc.cluster.local,value of PORTICO_ALLOWED_HOSTS"
	for name := range files {
		want[name] = "/etc/portico/" + name + "/" + strings.ToLower(name)
	}
	if !maps.Equal(env, want) {
		for name := range want {
			if env[name] != want[name] {
				t.Errorf("%s is %q, want %q", name, env[name], want[name])
			}
		}
		t.Errorf("%d variables, want %d", len(env), len(want))
	}
}
