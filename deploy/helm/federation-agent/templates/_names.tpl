{{/* Name of the chart, and value of app.kubernetes.io/name: the official page greps for federation-agent. */}}
{{- define "federation-agent.name" -}}
{{- coalesce .Values.nameOverride .Values.kubernetes.nameOverride .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Cuts to 63 characters; a hash of the whole tells two long names apart. */}}
{{- define "federation-agent.short" -}}
{{- if gt (len .) 63 -}}
{{- printf "%s-%s" (trunc 54 . | trimSuffix "-") (sha256sum . | trunc 8) -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/* The release's name with the chart's, as `helm create` has it: two releases share no name. */}}
{{- define "federation-agent.fullname" -}}
{{- $name := include "federation-agent.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- include "federation-agent.short" (default $full .Values.fullnameOverride) -}}
{{- end -}}

{{/* Name of an object of a component. Takes (list $ component). */}}
{{- define "federation-agent.componentName" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $full := include "federation-agent.fullname" $root -}}
{{- if eq $component.name "agent" -}}
{{- $full -}}
{{- else -}}
{{- include "federation-agent.short" (printf "%s-%s" $full $component.name) -}}
{{- end -}}
{{- end -}}

{{- define "federation-agent.serviceAccountName" -}}
{{- $account := .Values.kubernetes.serviceAccount -}}
{{- $otherwise := ternary (include "federation-agent.fullname" .) "default" $account.managed -}}
{{- default $otherwise $account.name -}}
{{- end -}}

{{- define "federation-agent.instanceLabels" -}}
app.kubernetes.io/name: {{ include "federation-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "federation-agent.labels" -}}
{{ include "federation-agent.instanceLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: federation-agent
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* What selects the pods of a component. Takes (list $ component). */}}
{{- define "federation-agent.selectorLabels" -}}
{{ include "federation-agent.instanceLabels" (index . 0) }}
app.kubernetes.io/component: {{ (index . 1).name }}
{{- end -}}

{{/* Labels of an object of a component. Takes (list $ component). */}}
{{- define "federation-agent.componentLabels" -}}
{{ include "federation-agent.labels" (index . 0) }}
app.kubernetes.io/component: {{ (index . 1).name }}
{{- end -}}

{{/* Whether the pods get a token of the Kubernetes API: where they have something to read there. */}}
{{- define "federation-agent.automount" -}}
{{- $account := .Values.kubernetes.serviceAccount -}}
{{- $needed := or (and (not $account.managed) $account.name) (gt (len (include "federation-agent.roleRules" . | fromJsonArray)) 0) -}}
{{- $asked := .Values.serviceAccount.automount -}}
{{- kindIs "invalid" $asked | ternary (ternary "true" "false" (not (empty $needed))) (toString $asked) -}}
{{- end -}}
