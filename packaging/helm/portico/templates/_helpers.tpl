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

{{- define "portico.selector" -}}
app.kubernetes.io/name: {{ include "portico.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "portico.labels" -}}
{{ include "portico.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
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

{{/* The variables of the container without those of files, as YAML: the chart's own, and those of the settings, which win. */}}
{{- define "portico.settings" -}}
{{- $own := dict "PORTICO_LISTEN" "0.0.0.0:8080" "PORTICO_ADMIN_LISTEN" "0.0.0.0:9090" "PORTICO_LOG_FORMAT" "json" -}}
{{- $_ := set $own "PORTICO_CLOUD" (ternary "emulator" "global" .Values.emulator.enabled) -}}
{{- $name := include "portico.fullname" . -}}
{{- $service := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list $name $service (print $service ".svc") (print $service ".svc.cluster.local") -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = append $hosts .Values.ingress.host -}}
{{- end -}}
{{- $_ := set $own "PORTICO_ALLOWED_HOSTS" (join "," $hosts) -}}
{{- if and .Values.ingress.enabled .Values.ingress.tlsSecret -}}
{{- $_ := set $own "PORTICO_PUBLIC_URL" (print "https://" .Values.ingress.host) -}}
{{- end -}}
{{- if .Values.metrics.enabled -}}
{{- $_ := set $own "PORTICO_METRICS_LISTEN" "0.0.0.0:9464" -}}
{{- end -}}
{{- mergeOverwrite $own .Values.settings | toYaml -}}
{{- end -}}

{{/* The port of the address in a setting. */}}
{{- define "portico.port" -}}
{{- splitList ":" . | last -}}
{{- end -}}

{{/* Refuses values with which Portico would not start, or would reveal a secret. */}}
{{- define "portico.check" -}}
{{- range $name := list "AZURE_CLIENT_SECRET" "AZURE_CLIENT_CERTIFICATE_PASSWORD" "PORTICO_CURSOR_KEY" "PORTICO_CURSOR_KEY_OLD" "PORTICO_CACHE_PASSWORD" "PORTICO_CACHE_KEY" "PORTICO_CACHE_KEY_OLD" "OTEL_EXPORTER_OTLP_HEADERS" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s is a secret, and everybody who can read the Deployment could read it. Put it into a Secret, and name that in files.%s_FILE: {secret: NAME, key: KEY}" $name $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $file := .Values.files -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "%s is in settings and in files: remove one of the two" $name) -}}
{{- end -}}
{{- end -}}
{{- $settings := include "portico.settings" . | fromYaml -}}
{{- $callers := default "none" $settings.PORTICO_CALLERS -}}
{{- if and (not .Values.emulator.enabled) (eq $callers "none") -}}
{{- fail "Portico needs to know who may call it: set settings.PORTICO_CALLERS and the settings of a tenant (see docs/deploy.md), or emulator.enabled=true to try Portico with invented data" -}}
{{- end -}}
{{- if and .Values.emulator.enabled (ne $settings.PORTICO_CLOUD "emulator") -}}
{{- fail (printf "emulator.enabled is true, and settings.PORTICO_CLOUD is %s: remove one of the two" $settings.PORTICO_CLOUD) -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "serviceMonitor.enabled needs metrics.enabled" -}}
{{- end -}}
{{- if and .Values.workloadIdentity.enabled (not .Values.workloadIdentity.clientId) -}}
{{- fail "workloadIdentity.enabled needs workloadIdentity.clientId, the client id of the app registration or managed identity" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- end -}}
