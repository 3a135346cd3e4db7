//go:build interop

package helm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Values that people set, each in addition to the emulator. Some have names that YAML reads as something other than a text.
func TestInteropAClusterTakesWhatPeopleSet(t *testing.T) {
	long := strings.Repeat("a-very-long-name-", 3) + "x" // 52 characters; a release has at most 53
	for name, tt := range map[string]struct{ release, namespace, values string }{
		"nothing else":                        {"", "", ``},
		"a namespace that is a number":        {"", "20261127", ``},
		"a namespace that is a float":         {"", "1e3", ``},
		"a release that is null":              {"null", "", `{nameOverride: "1e3"}`},
		"a release that is a number":          {"42", "", `{fullnameOverride: graphql}`},
		"a release that is a float":           {"12e5678", "", `{fullnameOverride: "true"}`},
		"a long release":                      {long, "", `{serviceMonitor: {enabled: true}, autoscaling: {enabled: true}}`},
		"a long name":                         {"", "", `{fullnameOverride: ` + long + long + `}`},
		"names of objects that are numbers":   {"", "", `{files: {PORTICO_CURSOR_KEY_FILE: {secret: "1", key: "2"}, PORTICO_DOCUMENTS: {configMap: "3"}}, priorityClassName: "4", ingress: {enabled: true, host: a.example, className: "5", tlsSecret: "6"}, serviceAccount: {name: "7"}, imagePullSecrets: [{name: "8"}]}`},
		"names of objects that are booleans":  {"", "", `{files: {PORTICO_CURSOR_KEY_FILE: {secret: "on", key: "off"}, PORTICO_DOCUMENTS: {configMap: "true"}}, priorityClassName: "yes", ingress: {enabled: true, host: a.example, className: "no", tlsSecret: "null"}, serviceAccount: {name: "false"}}`},
		"settings that look like others":      {"", "", `{settings: {PORTICO_LIMIT_DEPTH: "10", PORTICO_INTROSPECTION: "off", PORTICO_APQ: "on", PORTICO_LIMIT_DEADLINE: 1e3s, PORTICO_ENTRA_TENANTS: ", \"q\"\n$(X) {{ .Values }} #"}}`},
		"an ingress without TLS":              {"", "", `{ingress: {enabled: true, host: a.example}}`},
		"an ingress with annotations":         {"", "", `{ingress: {enabled: true, host: a.example, tlsSecret: tls, annotations: {cert-manager.io/cluster-issuer: x, nginx.ingress.kubernetes.io/proxy-buffering: "off"}}}`},
		"no network policy":                   {"", "", `{networkPolicy: {enabled: false}}`},
		"a network policy for all":            {"", "", `{networkPolicy: {from: [{podSelector: {}}], metricsFrom: [], egress: [{to: [{podSelector: {matchLabels: {app: redis}}}], ports: [{port: 6379}]}]}}`},
		"replicas with a Redis":               {"", "", `{replicas: 5, settings: {PORTICO_CACHE: "rediss://portico@redis.internal:6380/1"}, files: {PORTICO_CACHE_PASSWORD_FILE: {secret: redis, key: password}}, networkPolicy: {egress: [{ports: [{port: 6380}]}]}}`},
		"autoscaling and a strict budget":     {"", "", `{autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 3}, podDisruptionBudget: {maxUnavailable: 25%}}`},
		"no budget":                           {"", "", `{replicas: 1, podDisruptionBudget: {enabled: false}}`},
		"a monitor that Prometheus looks for": {"", "", `{serviceMonitor: {enabled: true, interval: 1m, labels: {release: "1e3", app.kubernetes.io/name: prometheus}}}`},
		"labels that the chart has, too":      {"", "", `{podLabels: {app.kubernetes.io/name: other, app.kubernetes.io/instance: other, team: "007"}, podAnnotations: {a.example/b: "true"}}`},
		"workload identity":                   {"", "", `{workloadIdentity: {enabled: true, clientId: "66666666", tenantId: "7e7"}, serviceAccount: {annotations: {azure.workload.identity/client-id: own}}, podLabels: {azure.workload.identity/use: "false"}}`},
		"workload identity of an account":     {"", "", `{workloadIdentity: {enabled: true}, serviceAccount: {create: false, name: existing}}`},
		"OpenShift":                           {"", "", `{podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}`},
		"no security contexts":                {"", "", `{podSecurityContext: null, securityContext: null}`},
		"probes":                              {"", "", `{startupProbe: {failureThreshold: 300}, livenessProbe: {periodSeconds: 30}, readinessProbe: {httpGet: null, exec: {command: [/portico, healthcheck]}}}`},
		"variables from elsewhere":            {"", "", `{extraEnv: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: OTEL_RESOURCE_ATTRIBUTES, value: k8s.pod.name=$(POD)}, {name: HTTPS_PROXY, valueFrom: {secretKeyRef: {name: proxy, key: url}}}]}`},
		"an audit log":                        {"", "", `{settings: {PORTICO_AUDIT_LOG: /audit/log.jsonl}, extraVolumes: [{name: audit, emptyDir: {}}], extraVolumeMounts: [{name: audit, mountPath: /audit}]}`},
		"an audit log beside files":           {"", "", `{files: {PORTICO_DOCUMENTS: {configMap: documents}}, extraVolumes: [{name: audit, persistentVolumeClaim: {claimName: audit}}], extraVolumeMounts: [{name: audit, mountPath: /audit}]}`},
		"resources":                           {"", "", `{resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: "2", memory: 1Gi}}}`},
		"no limits":                           {"", "", `{resources: {limits: null}}`},
		"a node":                              {"", "", `{nodeSelector: {kubernetes.io/os: linux, gpu: "true"}, tolerations: [{key: a, operator: Exists, effect: NoSchedule}], affinity: {podAntiAffinity: {}}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app.kubernetes.io/name: portico}}}]}`},
		"TLS in the pod":                      {"", "", `{settings: {PORTICO_LISTEN: ":8443"}, files: {PORTICO_TLS_CERTIFICATE: {secret: tls, key: tls.crt}, PORTICO_TLS_KEY: {secret: tls, key: tls.key}}, service: {type: LoadBalancer, port: 443}}`},
		"IPv4 only":                           {"", "", `{settings: {PORTICO_LISTEN: "0.0.0.0:8080", PORTICO_ADMIN_LISTEN: "0.0.0.0:9090", PORTICO_METRICS_LISTEN: "[::]:9464"}}`},
		"an image by its digest":              {"", "", `{image: {repository: "registry.example:5000/a/portico", digest: "sha256:` + strings.Repeat("0", 64) + `"}}`},
		"an image by its tag":                 {"", "", `{image: {tag: "1.0+20261127", pullPolicy: Always}}`},
		"part of a chart":                     {"", "", `{enabled: true, global: {imageRegistry: registry.example}}`},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := common.ReadValues([]byte(tt.values))
			if err != nil {
				t.Fatal(err)
			}
			values["emulator"] = map[string]any{"enabled": true}
			release := release{"threats", "security"}
			if tt.release != "" {
				release.name = tt.release
			}
			if tt.namespace != "" {
				release.namespace = tt.namespace
			}
			o := release.template(t, values)
			for _, refused := range refusals(o, release) {
				t.Error(refused)
			}
			wantTogether(t, o)
		})
	}
}

// refusals are the reasons for which a cluster would not take objects that are well-formed: names, labels and references.
func refusals(o objects, r release) (all []string) {
	refuse := func(where, what string, problems []string) {
		for _, problem := range problems {
			all = append(all, fmt.Sprintf("%s: %q: %s", where, what, problem))
		}
	}
	named := map[string]meta.ObjectMeta{"Deployment": o.Deployment.ObjectMeta, "Service": o.Service.ObjectMeta, "pod": o.Deployment.Spec.Template.ObjectMeta}
	if o.Metrics != nil {
		named["Service of the metrics"] = o.Metrics.ObjectMeta
	}
	if o.ServiceAccount != nil {
		named["ServiceAccount"] = o.ServiceAccount.ObjectMeta
	}
	if o.Ingress != nil {
		named["Ingress"] = o.Ingress.ObjectMeta
	}
	if o.Monitor != nil {
		named["ServiceMonitor"] = o.Monitor.ObjectMeta
	}
	for kind, object := range named {
		for key, value := range object.Labels {
			refuse(kind, key, validation.IsQualifiedName(key))
			refuse(kind+" "+key, value, validation.IsValidLabelValue(value))
		}
		for key := range object.Annotations {
			refuse(kind, key, validation.IsQualifiedName(key))
		}
		if kind == "pod" {
			continue
		}
		isName := validation.IsDNS1123Subdomain
		if strings.HasPrefix(kind, "Service") && kind != "ServiceAccount" && kind != "ServiceMonitor" {
			isName = validation.IsDNS1035Label
		}
		refuse(kind, object.Name, isName(object.Name))
		if object.Namespace != r.namespace {
			refuse(kind, object.Namespace, []string{"not the namespace of the release"})
		}
	}
	return append(all, podRefusals(o.Deployment.Spec.Template.Spec)...)
}

func podRefusals(pod core.PodSpec) (all []string) {
	container := pod.Containers[0]
	once := func(what string, names []string) {
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			all = append(all, fmt.Sprintf("%s are there twice: %v", what, names))
		}
	}
	var variables, volumes, mounts, ports []string
	for _, variable := range container.Env {
		variables = append(variables, variable.Name)
		for _, problem := range validation.IsEnvVarName(variable.Name) {
			all = append(all, variable.Name+": "+problem)
		}
	}
	for _, volume := range pod.Volumes {
		volumes = append(volumes, volume.Name)
		for _, problem := range validation.IsDNS1123Label(volume.Name) {
			all = append(all, volume.Name+": "+problem)
		}
	}
	for _, mount := range container.VolumeMounts {
		mounts = append(mounts, mount.MountPath)
		if !slices.Contains(volumes, mount.Name) {
			all = append(all, "no volume "+mount.Name)
		}
	}
	for _, port := range container.Ports {
		ports = append(ports, fmt.Sprint(port.ContainerPort))
		for _, problem := range append(validation.IsValidPortName(port.Name), validation.IsValidPortNum(int(port.ContainerPort))...) {
			all = append(all, port.Name+": "+problem)
		}
	}
	once("variables", variables)
	once("volumes", volumes)
	once("mounts", mounts)
	once("ports", ports)
	for name, request := range container.Resources.Requests {
		if limit, limited := container.Resources.Limits[name]; limited && limit.Cmp(request) < 0 {
			all = append(all, fmt.Sprintf("the limit of %s is below what is requested", name))
		}
	}
	for what, probe := range map[string]*core.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
		if (probe.HTTPGet == nil) == (probe.Exec == nil) {
			all = append(all, "the "+what+" probe has no handler, or two")
		}
	}
	return all
}

// The validator finds what a cluster finds.
func TestInteropRefusalsAreFound(t *testing.T) {
	good := release{"threats", "security"}
	for want, spoil := range map[string]func(o objects){
		`Service: "1-portico"`:              func(o objects) { o.Service.Name = "1-portico" },
		`not the namespace of the release`:  func(o objects) { o.Metrics.Namespace = "other" },
		`pod team: "a b"`:                   func(o objects) { o.Deployment.Spec.Template.Labels["team"] = "a b" },
		`Deployment: "A"`:                   func(o objects) { o.Deployment.Name = "A" },
		`ports are there twice`:             func(o objects) { o.Deployment.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort = 9090 },
		`must be between 1 and 65535`:       func(o objects) { o.Deployment.Spec.Template.Spec.Containers[0].Ports[0].ContainerPort = 0 },
		`the liveness probe has no handler`: func(o objects) { o.Deployment.Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet = nil },
		`no volume missing`: func(o objects) {
			o.Deployment.Spec.Template.Spec.Containers[0].VolumeMounts = []core.VolumeMount{{Name: "missing"}}
		},
		`a valid environment variable name`: func(o objects) { o.Deployment.Spec.Template.Spec.Containers[0].Env[0].Name = "" },
		`the limit of memory is below what is`: func(o objects) {
			o.Deployment.Spec.Template.Spec.Containers[0].Resources.Limits[core.ResourceMemory] = resource.MustParse("1Mi")
		},
	} {
		o := good.template(t, valuesOf(t, "emulator"))
		spoil(o)
		if got := strings.Join(refusals(o, good), "\n"); !strings.Contains(got, want) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
}
