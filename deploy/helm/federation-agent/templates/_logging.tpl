{{/* federation.log from config.logging, which has the names of the official agent's classes. Answers JSON {log, ignored}. */}}
{{- define "federation-agent.logging" -}}
{{- $logging := .Values.config.logging | default dict -}}
{{- $levels := dict "all" "trace" "trace" "trace" "debug" "debug" "info" "info" "warn" "warn" "warning" "warn" "error" "error" "off" "fatal" -}}
{{- $allowed := "TRACE, DEBUG, INFO, WARN, ERROR, OFF" -}}
{{- $areas := list "gateway-link" "aws-discovery" "subscription-manager" "console" "channel" "commands" "ingest" "discover" "scan" "saga" "sweep" "aws" "broker" "http" -}}
{{- $log := dict -}}
{{- $ignored := list -}}
{{- if hasKey $logging "json" -}}
{{- $_ := set $log "format" (ternary "json" "pretty" (eq (toString $logging.json) "true")) -}}
{{- end -}}
{{- with $logging.graviteeLevel -}}
{{- $level := get $levels (lower .) -}}
{{- if not $level -}}{{- fail (printf "config.logging.graviteeLevel is %s: must be one of %s" . $allowed) -}}{{- end -}}
{{- $_ := set $log "level" $level -}}
{{- end -}}
{{- $loggers := dict -}}
{{- range $logging.additionalLoggers -}}
{{- $name := toString .name -}}
{{- $level := get $levels (lower (toString .level)) -}}
{{- if not $level -}}{{- fail (printf "config.logging.additionalLoggers: the level of %s is %v: must be one of %s" .name .level $allowed) -}}{{- end -}}
{{- if hasPrefix "io.gravitee.exchange" $name -}}
{{- $_ := set $loggers "channel" $level -}}
{{- else if hasPrefix "com.graviteesource.federationprovider.aws" $name -}}
{{- $_ := set $loggers "aws" $level -}}
{{- else if has (regexReplaceAll "^.*\\." $name "") $areas -}}
{{- $_ := set $loggers $name $level -}}
{{- else -}}
{{- $ignored = append $ignored (printf "config.logging.additionalLoggers: %s" .name) -}}
{{- end -}}
{{- end -}}
{{- if $loggers -}}{{- $_ := set $log "loggers" $loggers -}}{{- end -}}
{{- range list "encoderPattern" "jettyLevel" -}}
{{- if hasKey $logging . -}}{{- $ignored = append $ignored (printf "config.logging.%s" .) -}}{{- end -}}
{{- end -}}
{{- toJson (dict "log" $log "ignored" $ignored) -}}
{{- end -}}
