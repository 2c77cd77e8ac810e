{{/*
Makes of a map what YAML shall say: the agent reads each scalar as text, so an empty value must not become "null",
and Helm 3 would write 123456789012 as 1.23456789012e+11. Changes the map in place; answers nothing.
*/}}
{{- define "federation-agent.tidy" -}}
{{- $map := . -}}
{{- range $key, $value := $map -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $map $key -}}
{{- else if kindIs "map" $value -}}
{{- include "federation-agent.tidy" $value -}}
{{- else if kindIs "slice" $value -}}
{{- $items := list -}}
{{- range $item := $value -}}
{{- $one := dict "value" $item -}}
{{- include "federation-agent.tidy" $one -}}
{{- $items = append $items (hasKey $one "value" | ternary (get $one "value") "") -}}
{{- end -}}
{{- $_ := set $map $key $items -}}
{{- else if kindIs "float64" $value -}}
{{- if eq $value (floor $value) -}}{{- $_ := set $map $key (int64 $value) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What the user wrote as gravitee.yml; text or map. Answers JSON. */}}
{{- define "federation-agent.userConfig" -}}
{{- $yml := .Values.config.graviteeYml | default dict -}}
{{- if kindIs "string" $yml -}}
{{- $yml = fromYaml $yml -}}
{{- if hasKey $yml "Error" -}}{{- fail (printf "config.graviteeYml is not YAML: %s" $yml.Error) -}}{{- end -}}
{{- end -}}
{{- toJson $yml -}}
{{- end -}}

{{/* gravitee.yml as the pods get it: the user's, and below it what other values say. */}}
{{- define "federation-agent.graviteeYml" -}}
{{- $yml := .Values.config.graviteeYml | default dict -}}
{{- $yml = kindIs "string" $yml | ternary (include "federation-agent.userConfig" . | fromJson) $yml | deepCopy -}}
{{- include "federation-agent.tidy" $yml -}}
{{- $federation := dict -}}
{{- $broker := pick .Values.broker "url" "namespace" "domain" "replicas" -}}
{{- range $key, $value := $broker -}}{{- if not $value -}}{{- $_ := unset $broker $key -}}{{- end -}}{{- end -}}
{{- if $broker -}}{{- include "federation-agent.tidy" $broker -}}{{- $_ := set $federation "broker" $broker -}}{{- end -}}
{{- $console := dict -}}
{{- if not .Values.console.enabled -}}{{- $_ := set $console "enabled" false -}}{{- end -}}
{{- if ne (int .Values.console.port) 18087 -}}{{- $_ := set $console "port" (int .Values.console.port) -}}{{- end -}}
{{- with .Values.console.operators -}}{{- $_ := set $console "operators" . -}}{{- end -}}
{{- if $console -}}{{- $_ := set $federation "console" $console -}}{{- end -}}
{{- $log := (include "federation-agent.logging" . | fromJson).log -}}
{{- if $log -}}{{- $_ := set $federation "log" $log -}}{{- end -}}
{{- if $federation -}}{{- $yml = merge $yml (dict "federation" $federation) -}}{{- end -}}
{{- if .Values.metrics.enabled -}}
{{- $yml = mergeOverwrite $yml (dict "services" (dict "metrics" (dict "enabled" true "prometheus" (dict "enabled" true)))) -}}
{{- end -}}
{{- toYaml $yml -}}
{{- end -}}

{{/*
What the agent will find under a key: a variable outranks gravitee.yml. Empty where the chart cannot see it.
Takes (list $ "services.core.http.port").
*/}}
{{- define "federation-agent.setting" -}}
{{- $root := index . 0 -}}{{- $path := index . 1 -}}
{{- $at := include "federation-agent.graviteeYml" $root | fromYaml -}}
{{- range splitList "." $path -}}
{{- $at = get (kindIs "map" $at | ternary $at dict) . -}}
{{- end -}}
{{- $variable := include "federation-agent.envKey" (printf "gravitee_%s" $path) -}}
{{- range include "federation-agent.userEnv" (list $root dict) | fromJsonArray -}}
{{- if and (eq (include "federation-agent.envKey" .name) $variable) .value -}}{{- $at = .value -}}{{- end -}}
{{- end -}}
{{- if not (kindIs "invalid" $at) -}}{{- toString $at -}}{{- end -}}
{{- end -}}

{{- define "federation-agent.httpEnabled" -}}
{{- if ne (include "federation-agent.setting" (list . "services.core.http.enabled")) "false" -}}true{{- end -}}
{{- end -}}

{{- define "federation-agent.httpPort" -}}
{{- $port := include "federation-agent.setting" (list . "services.core.http.port") | default "18084" -}}
{{- if not (regexMatch "^[1-9][0-9]{0,4}$" $port) -}}
{{- fail (printf "services.core.http.port is %s: in a pod it must be a number from 1 to 65535, so that probes find it" $port) -}}
{{- end -}}
{{- $port -}}
{{- end -}}

{{- define "federation-agent.httpScheme" -}}
{{- ternary "HTTPS" "HTTP" (eq (include "federation-agent.setting" (list . "services.core.http.secured")) "true") -}}
{{- end -}}

{{/* Metrics are served: both keys say so, and there is HTTP. */}}
{{- define "federation-agent.metricsOn" -}}
{{- $both := and (eq (include "federation-agent.setting" (list . "services.metrics.enabled")) "true") (eq (include "federation-agent.setting" (list . "services.metrics.prometheus.enabled")) "true") -}}
{{- if and $both (include "federation-agent.httpEnabled" .) -}}true{{- end -}}
{{- end -}}

{{/* Names of this namespace's Secrets that gravitee.yml and the environment refer to, and of other namespaces. Answers JSON {here, elsewhere}. */}}
{{- define "federation-agent.references" -}}
{{- $namespace := .Release.Namespace -}}
{{- $here := list -}}{{- $elsewhere := list -}}
{{- $text := printf "%s\n%s\n%s" (include "federation-agent.graviteeYml" .) (toYaml .Values.kubernetes.deployment.extraEnvs) (toYaml .Values.distributed) -}}
{{- range mustRegexFindAll "secret://kubernetes/[^\\s'\"]+" $text -1 -}}
{{- $name := regexReplaceAll "^secret://kubernetes/([^:?/]+).*$" . "${1}" -}}
{{- $other := regexFind "[?&]namespace=[^&]+" . | trimPrefix "?" | trimPrefix "&" | trimPrefix "namespace=" -}}
{{- if or (not $other) (eq $other $namespace) -}}
{{- $here = append $here $name -}}
{{- else -}}
{{- $elsewhere = append $elsewhere (printf "%s/%s" $other $name) -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "here" ($here | uniq | sortAlpha) "elsewhere" ($elsewhere | uniq | sortAlpha)) -}}
{{- end -}}

{{/* Rules of the Role. Answers JSON. */}}
{{- define "federation-agent.roleRules" -}}
{{- $account := .Values.kubernetes.serviceAccount -}}
{{- $here := (include "federation-agent.references" . | fromJson).here -}}
{{- if not (kindIs "invalid" $account.roleRules) -}}
{{- toJson $account.roleRules -}}
{{- else if $here -}}
{{- toJson (list (dict "apiGroups" (list "") "resources" (list "secrets") "resourceNames" $here "verbs" (list "get" "watch"))) -}}
{{- else -}}
{{- "[]" -}}
{{- end -}}
{{- end -}}
