{{- define "portico.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "portico.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "portico.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "portico.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What objects have in common. Names are quoted here and elsewhere: YAML would read 1e3 and null as something else. */}}
{{- define "portico.metadata" -}}
name: {{ include "portico.fullname" . | quote }}
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "portico.labels" . | nindent 2 }}
{{- end -}}

{{- define "portico.selector" -}}
app.kubernetes.io/name: {{ include "portico.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "portico.labels" -}}
{{ include "portico.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end -}}

{{/* The labels of the pods. Those of the chart win, because selectors look for them. */}}
{{- define "portico.podLabels" -}}
{{- $own := include "portico.labels" . | fromYaml -}}
{{- if .Values.workloadIdentity.enabled -}}
{{- $_ := set $own "azure.workload.identity/use" "true" -}}
{{- end -}}
{{- mergeOverwrite (dict) .Values.podLabels $own | toYaml -}}
{{- end -}}

{{- define "portico.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "portico.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "portico.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag | replace "+" "_" }}
{{- end -}}
{{- end -}}

{{/* The hosts by which callers reach Portico without a setting, as YAML. */}}
{{- define "portico.hosts" -}}
{{- $name := include "portico.fullname" . -}}
{{- $service := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list $name $service (print $service ".svc") (print $service ".svc.cluster.local") -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = append $hosts .Values.ingress.host -}}
{{- end -}}
{{- $hosts | toYaml -}}
{{- end -}}

{{/*
The variables of the container without those of files, as YAML: the chart's own, and those of the settings, which win. An
address without a host is one for IPv4 and IPv6.
*/}}
{{- define "portico.settings" -}}
{{- $own := dict "PORTICO_LISTEN" ":8080" "PORTICO_ADMIN_LISTEN" ":9090" "PORTICO_LOG_FORMAT" "json" -}}
{{- $_ := set $own "PORTICO_CLOUD" (ternary "emulator" "global" .Values.emulator.enabled) -}}
{{- if and .Values.ingress.enabled .Values.ingress.tlsSecret -}}
{{- $_ := set $own "PORTICO_PUBLIC_URL" (print "https://" .Values.ingress.host) -}}
{{- end -}}
{{- if .Values.metrics.enabled -}}
{{- $_ := set $own "PORTICO_METRICS_LISTEN" ":9464" -}}
{{- end -}}
{{- $all := mergeOverwrite $own .Values.settings -}}
{{- $hosts := include "portico.hosts" . | fromYamlArray -}}
{{- with .Values.settings.PORTICO_ALLOWED_HOSTS -}}
{{- $hosts = append $hosts . -}}
{{- end -}}
{{- set $all "PORTICO_ALLOWED_HOSTS" (join "," $hosts) | toYaml -}}
{{- end -}}

{{/* The port of the address in a setting. */}}
{{- define "portico.port" -}}
{{- splitList ":" . | last -}}
{{- end -}}

{{/* The scheme of the address that serves callers. */}}
{{- define "portico.scheme" -}}
{{- $certificate := or .Values.settings.PORTICO_TLS_CERTIFICATE .Values.files.PORTICO_TLS_CERTIFICATE -}}
{{- ternary "https" "http" (not (empty $certificate)) -}}
{{- end -}}
