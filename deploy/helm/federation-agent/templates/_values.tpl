{{/*
A list, whatever the user wrote: a list, a block of text, or a map by name (where a scalar stands for {name, field: scalar}).
Takes (dict "value" .. "key" "kubernetes.extraVolumes" "field" "value" "root" $); with root it is a template. Answers JSON.
*/}}
{{- define "federation-agent.list" -}}
{{- $result := list -}}
{{- if .value -}}
{{- $text := kindIs "string" .value | ternary .value (toYaml .value) -}}
{{- if .root -}}{{- $text = tpl $text .root -}}{{- end -}}
{{- if regexMatch "^\\s*[\\w.-]+\\s*:" $text -}}
{{- $map := fromYaml $text -}}
{{- if hasKey $map "Error" -}}{{- fail (printf "%s is not YAML: %s" .key $map.Error) -}}{{- end -}}
{{- include "federation-agent.tidy" $map -}}
{{- range $name, $entry := $map -}}
{{- if not (kindIs "map" $entry) -}}{{- $entry = dict ($.field | default "value") (toString $entry) -}}{{- end -}}
{{- $result = append $result (merge (dict "name" $name) $entry) -}}
{{- end -}}
{{- else -}}
{{- $result = fromYamlArray $text -}}
{{- end -}}
{{- range $result -}}
{{- if not (kindIs "map" .) -}}
{{- fail (printf "%s must be a list of objects, a map by name, or a block of text with one of them; found: %v" $.key .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* Names, from one text or a list of texts or of {name}. Answers JSON. */}}
{{- define "federation-agent.nameList" -}}
{{- $result := list -}}
{{- range (kindIs "slice" . | ternary . (list .)) -}}
{{- $name := kindIs "map" . | ternary (get (kindIs "map" . | ternary . dict) "name") . -}}
{{- if $name -}}{{- $result = append $result (dict "name" (toString $name)) -}}{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* The user's environment: extraEnvs of all, then of the component; a later one of a name wins. Takes (list $ component-or-empty). Answers JSON. */}}
{{- define "federation-agent.userEnv" -}}
{{- $common := include "federation-agent.list" (dict "value" (index . 0).Values.kubernetes.deployment.extraEnvs "key" "kubernetes.deployment.extraEnvs") -}}
{{- $component := index . 1 -}}
{{- $own := include "federation-agent.list" (dict "value" $component.extraEnvs "key" (printf "distributed.%v.extraEnvs" $component.key)) -}}
{{- $names := list -}}
{{- $byName := dict -}}
{{- range concat (fromJsonArray $common) (fromJsonArray $own) -}}
{{- if not .name -}}{{- fail (printf "kubernetes.deployment.extraEnvs: a variable has no name: %v" .) -}}{{- end -}}
{{- include "federation-agent.tidy" . -}}
{{- if hasKey . "value" -}}{{- $_ := set . "value" (toString .value) -}}{{- end -}}
{{- $names = append $names .name -}}
{{- $_ := set $byName .name . -}}
{{- end -}}
{{- $result := list -}}
{{- range uniq $names -}}{{- $result = append $result (get $byName .) -}}{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{/* The key that a variable stands for, to compare: gravitee_services_core_http_port. */}}
{{- define "federation-agent.envKey" -}}
{{- lower . | replace "." "_" | replace "-" "" -}}
{{- end -}}

{{/* Keys below `kubernetes` and `config` that nobody reads: the official chart ignores such keys too, so they are told in the notes. */}}
{{- define "federation-agent.unknownKeys" -}}
{{- $known := dict
  "kubernetes" (list "serviceAccount" "deployment" "extraVolumes" "extraObjects" "nameOverride")
  "kubernetes.serviceAccount" (list "managed" "name" "roleRules")
  "kubernetes.deployment" (list "image" "resources" "extraEnvs" "extraVolumeMounts")
  "kubernetes.deployment.image" (list "repository" "name" "tag" "pullSecretsRef")
  "config" (list "graviteeYml" "logging")
  "config.logging" (list "json" "graviteeLevel" "additionalLoggers" "encoderPattern" "jettyLevel") -}}
{{- $found := list -}}
{{- range $path, $keys := $known -}}
{{- $at := $.Values -}}
{{- range splitList "." $path -}}{{- $at = get $at . | default dict -}}{{- end -}}
{{- range $key, $_ := $at -}}
{{- if not (has $key $keys) -}}{{- $found = append $found (printf "%s.%s" $path $key) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
