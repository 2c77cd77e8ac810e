{{- define "federation-agent.configDir" -}}/opt/graviteeio-federation-agent/config{{- end -}}

{{/* The broker's credentials and the sealing key, of one component. Takes (list $ component). Answers JSON. */}}
{{- define "federation-agent.secretEnv" -}}
{{- $values := (index . 0).Values -}}{{- $component := index . 1 -}}
{{- $broker := $values.broker -}}
{{- $env := list -}}
{{- if $broker.existingSecret -}}
{{- if eq $broker.auth "password" -}}
{{- $env = append $env (dict "name" "gravitee_federation_broker_user" "value" (default $component.name $broker.user)) -}}
{{- end -}}
{{- $env = append $env (dict "name" (printf "gravitee_federation_broker_%s" $broker.auth) "valueFrom" (dict "secretKeyRef" (dict "name" $broker.existingSecret "key" $component.name))) -}}
{{- end -}}
{{- with $broker.tls.existingSecret -}}
{{- $files := dict "ca" "ca.crt" -}}
{{- if $broker.tls.clientCertificate -}}{{- $files = dict "ca" "ca.crt" "cert" "tls.crt" "key" "tls.key" -}}{{- end -}}
{{- range $key, $file := $files -}}
{{- $env = append $env (dict "name" (printf "gravitee_federation_broker_tls_%s" $key) "valueFrom" (dict "secretKeyRef" (dict "name" $broker.tls.existingSecret "key" $file))) -}}
{{- end -}}
{{- end -}}
{{- if and $values.sealingKey.existingSecret (has $component.name (list "agent" "subscription-manager")) -}}
{{- $env = append $env (dict "name" "gravitee_federation_sealingKey" "valueFrom" (dict "secretKeyRef" (dict "name" $values.sealingKey.existingSecret "key" $values.sealingKey.key))) -}}
{{- end -}}
{{- toJson $env -}}
{{- end -}}

{{/*
The environment of a component. The user's variables outrank the chart's. The host must be 0.0.0.0 whatever gravitee.yml says, or no
probe arrives; the port is said here too, since the chart cannot see into a Secret of the user's. Takes (list $ component).
*/}}
{{- define "federation-agent.env" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $user := include "federation-agent.userEnv" . | fromJsonArray -}}
{{- $taken := list -}}
{{- range $user -}}
{{- $taken = append $taken (include "federation-agent.envKey" .name) -}}
{{- if and (eq .name "JDK_JAVA_OPTIONS") (contains "-Dgravitee.conf=" (toString .value)) -}}{{- $taken = append $taken "gravitee_conf" -}}{{- end -}}
{{- end -}}
{{- $dir := include "federation-agent.configDir" $root -}}
{{- $files := printf "%s/gravitee.yml" $dir -}}
{{- if $root.Values.existingConfig.secret -}}{{- $files = printf "%s/existing.yml,%s" $dir $files -}}{{- end -}}
{{- $ours := list (dict "name" "GRAVITEE_CONF" "value" $files) -}}
{{- if include "federation-agent.httpEnabled" $root -}}
{{- $ours = append $ours (dict "name" "gravitee_services_core_http_host" "value" "0.0.0.0") -}}
{{- $ours = append $ours (dict "name" "gravitee_services_core_http_port" "value" (include "federation-agent.httpPort" $root)) -}}
{{- end -}}
{{- if include "federation-agent.hasConsole" . -}}
{{- $ours = append $ours (dict "name" "gravitee_federation_console_port" "value" (include "federation-agent.consolePort" $root)) -}}
{{- if $root.Values.console.exposed -}}
{{- $ours = append $ours (dict "name" "gravitee_federation_console_host" "value" "0.0.0.0") -}}
{{- end -}}
{{- end -}}
{{- if eq $component.name "agent" -}}
{{- $ours = append $ours (dict "name" "gravitee_federation_dataDir" "value" "/data") -}}
{{- end -}}
{{- $result := list -}}
{{- range concat $ours (include "federation-agent.secretEnv" . | fromJsonArray) -}}
{{- if not (has (include "federation-agent.envKey" .name) $taken) -}}{{- $result = append $result . -}}{{- end -}}
{{- end -}}
{{- toYaml (concat $result $user) -}}
{{- end -}}

{{/* envFrom of a component. Takes (list $ component). */}}
{{- define "federation-agent.envFrom" -}}
{{- $values := (index . 0).Values -}}
{{- $result := $values.envFrom -}}
{{- range concat $values.existingSecrets (get (index . 1) "existingSecrets" | default list) -}}
{{- $result = append $result (dict "secretRef" (dict "name" .)) -}}
{{- end -}}
{{- if $result -}}{{- toYaml $result -}}{{- end -}}
{{- end -}}
