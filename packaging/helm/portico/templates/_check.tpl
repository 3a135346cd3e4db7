{{/* Refuses values with which Portico would not start, could not be reached, or would reveal a secret. */}}
{{- define "portico.check" -}}
{{- include "portico.checkSecrets" . -}}
{{- include "portico.checkSettings" . -}}
{{- include "portico.checkObjects" . -}}
{{- end -}}

{{- define "portico.checkSecrets" -}}
{{- $why := "is a secret, and everybody who can read the Deployment could read it. Put it into a Secret, and name that in" -}}
{{- range $name := list "AZURE_CLIENT_SECRET" "AZURE_CLIENT_CERTIFICATE_PASSWORD" "PORTICO_CURSOR_KEY" "PORTICO_CURSOR_KEY_OLD" "PORTICO_CACHE_PASSWORD" "PORTICO_CACHE_KEY" "PORTICO_CACHE_KEY_OLD" "OTEL_EXPORTER_OTLP_HEADERS" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s %s files.%s_FILE: {secret: NAME, key: KEY}" $name $why $name) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "OTEL_EXPORTER_OTLP_TRACES_HEADERS" "OTEL_EXPORTER_OTLP_METRICS_HEADERS" -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "settings.%s %s extraEnv, with valueFrom.secretKeyRef" $name $why) -}}
{{- end -}}
{{- end -}}
{{- if regexMatch "://[^/@]*:[^/@]+@" (default "" .Values.settings.PORTICO_CACHE) -}}
{{- fail (printf "settings.PORTICO_CACHE has a password, which %s files.PORTICO_CACHE_PASSWORD_FILE: {secret: NAME, key: KEY}" $why) -}}
{{- end -}}
{{- range $name := list "HTTPS_PROXY" "HTTP_PROXY" "https_proxy" "http_proxy" -}}
{{- if regexMatch "://[^/@]*:[^/@]+@" (default "" (get $.Values.settings $name)) -}}
{{- fail (printf "settings.%s has a password, which %s extraEnv, with valueFrom.secretKeyRef" $name $why) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "portico.checkSettings" -}}
{{- $settings := include "portico.settings" . | fromYaml -}}
{{- range $name, $file := .Values.files -}}
{{- if hasKey $.Values.settings $name -}}
{{- fail (printf "%s is in settings and in files: remove one of the two" $name) -}}
{{- end -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if or (hasKey $settings .name) (hasKey $.Values.files .name) -}}
{{- fail (printf "%s is in extraEnv, and in settings, in files or set by the chart: use settings or files for it" .name) -}}
{{- end -}}
{{- end -}}
{{- $callers := default "none" $settings.PORTICO_CALLERS -}}
{{- if and (not .Values.emulator.enabled) (eq $callers "none") (ne (default "app" $settings.PORTICO_IDENTITY) "passthrough") -}}
{{- fail "Portico needs to know who may call it: set settings.PORTICO_CALLERS and the settings of a tenant (see docs/deploy.md), or emulator.enabled=true to try Portico with invented data" -}}
{{- end -}}
{{- if and .Values.emulator.enabled (ne $settings.PORTICO_CLOUD "emulator") -}}
{{- fail (printf "emulator.enabled is true, and settings.PORTICO_CLOUD is %s: remove one of the two" $settings.PORTICO_CLOUD) -}}
{{- end -}}
{{- $listens := list "PORTICO_LISTEN" "PORTICO_ADMIN_LISTEN" -}}
{{- if .Values.metrics.enabled -}}
{{- $listens = append $listens "PORTICO_METRICS_LISTEN" -}}
{{- end -}}
{{- range $listens -}}
{{- $address := get $settings . -}}
{{- if not (regexMatch "^(0\\.0\\.0\\.0|\\[::\\])?:[1-9][0-9]{0,4}$" $address) -}}
{{- fail (printf "settings.%s must be :PORT (got %s), because others connect to the pod's own address" . $address) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "portico.checkObjects" -}}
{{- $name := include "portico.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "%s cannot be the name of a Service, which begins with a letter and has a-z, 0-9 and - only: set fullnameOverride" $name) -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "serviceMonitor.enabled needs metrics.enabled" -}}
{{- end -}}
{{- if .Values.workloadIdentity.enabled -}}
{{- if and .Values.serviceAccount.create (not .Values.workloadIdentity.clientId) -}}
{{- fail "workloadIdentity.enabled needs workloadIdentity.clientId, the client id of the app registration or managed identity" -}}
{{- end -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) -}}
{{- fail "workloadIdentity.enabled needs serviceAccount.create, or in serviceAccount.name an account with the annotation azure.workload.identity/client-id" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host" -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas (%d) must not be above autoscaling.maxReplicas (%d)" (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if not (dig "requests" "cpu" "" .Values.resources) -}}
{{- fail "autoscaling.enabled needs resources.requests.cpu, which the use of CPU is compared with" -}}
{{- end -}}
{{- end -}}
{{- end -}}
