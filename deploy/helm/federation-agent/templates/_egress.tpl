{{/* Port of a URL, or that of its scheme. */}}
{{- define "federation-agent.urlPort" -}}
{{- $host := regexReplaceAll "^[a-zA-Z]+://([^/]*@)?([^/?#]*).*$" . "${2}" -}}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" -}}
{{- $schemes := dict "http" "80" "ws" "80" "https" "443" "wss" "443" "nats" "4222" "tls" "4222" -}}
{{- default (get $schemes (regexFind "^[a-zA-Z]+" . | lower)) $port -}}
{{- end -}}

{{/* The ports that the configured peers listen on. Answers JSON: sorted numbers. */}}
{{- define "federation-agent.egressPorts" -}}
{{- $yml := include "federation-agent.graviteeYml" . | fromYaml -}}
{{- $urls := list -}}
{{- range list "federation.broker.url" "federation.telemetry.otlpEndpoint" -}}
{{- $urls = concat $urls (include "federation-agent.setting" (list $ .) | splitList ",") -}}
{{- end -}}
{{- $endpoints := dig "integration" "connector" "ws" "endpoints" list $yml -}}
{{- $urls = concat $urls (kindIs "slice" $endpoints | ternary $endpoints (splitList "," (toString $endpoints))) -}}
{{- $ports := list "443" -}}
{{- $secrets := include "federation-agent.userEnv" (list . dict) | fromJsonArray -}}
{{- range $secrets -}}
{{- if regexMatch "(?i)(endpoints_[0-9]+|nats_url|otlp_?endpoint|https?_proxy)$" .name -}}{{- $urls = append $urls (get . "value" | default "") -}}{{- end -}}
{{- end -}}
{{- range $urls -}}
{{- with include "federation-agent.urlPort" (trim (toString .)) -}}{{- $ports = append $ports . -}}{{- end -}}
{{- end -}}
{{- range list "integration.connector.ws.proxy" "system.proxy" -}}
{{- if include "federation-agent.setting" (list $ (printf "%s.host" .)) -}}
{{- $ports = append $ports (include "federation-agent.setting" (list $ (printf "%s.port" .)) | default "3128") -}}
{{- end -}}
{{- end -}}
{{- if eq (include "federation-agent.automount" .) "true" -}}{{- $ports = append $ports (toString .Values.networkPolicy.kubernetesApiPort) -}}{{- end -}}
{{- range .Values.networkPolicy.egressPorts -}}{{- $ports = append $ports (toString .) -}}{{- end -}}
{{- $numbers := list -}}
{{- range $ports | uniq | sortAlpha -}}{{- $numbers = append $numbers (int .) -}}{{- end -}}
{{- toJson $numbers -}}
{{- end -}}
