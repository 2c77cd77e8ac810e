{{- define "federation-agent.podAnnotations" -}}
{{- $root := index . 0 -}}{{- $values := $root.Values -}}
{{- $ours := dict "checksum/config" (include "federation-agent.graviteeYml" $root | sha256sum) -}}
{{- if and (include "federation-agent.metricsOn" $root) $values.metrics.annotations (not $values.metrics.serviceMonitor.enabled) -}}
{{- $ours = merge $ours (dict "prometheus.io/scrape" "true" "prometheus.io/path" "/metrics" "prometheus.io/port" (include "federation-agent.httpPort" $root) "prometheus.io/scheme" (include "federation-agent.httpScheme" $root | lower)) -}}
{{- end -}}
{{- toYaml (merge (deepCopy $values.podAnnotations) $ours) -}}
{{- end -}}

{{/* The probes of a container. */}}
{{- define "federation-agent.probes" -}}
{{- $result := dict -}}
{{- range $name, $path := dict "startup" "/healthz" "liveness" "/healthz" "readiness" "/readyz" -}}
{{- with get $.Values.probes $name -}}
{{- $probe := deepCopy . -}}
{{- if not (or $probe.exec $probe.httpGet $probe.tcpSocket) -}}
{{- $_ := set $probe "httpGet" (dict "path" $path "port" "http" "scheme" (include "federation-agent.httpScheme" $)) -}}
{{- end -}}
{{- $_ := set $result (printf "%sProbe" $name) $probe -}}
{{- end -}}
{{- end -}}
{{- if $result -}}{{- toYaml $result -}}{{- end -}}
{{- end -}}

{{/* Spread of a component's pods. Takes (list $ component). */}}
{{- define "federation-agent.spread" -}}
{{- $values := (index . 0).Values -}}
{{- $selector := dict "matchLabels" (include "federation-agent.selectorLabels" . | fromYaml) -}}
{{- $constraints := $values.topologySpreadConstraints -}}
{{- if and (not $constraints) (eq $values.mode "distributed") -}}
{{- $constraints = list (dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway") -}}
{{- end -}}
{{- $result := list -}}
{{- range $constraints -}}{{- $result = append $result (merge (deepCopy .) (dict "labelSelector" $selector)) -}}{{- end -}}
{{- if $result -}}{{- toYaml $result -}}{{- end -}}
{{- end -}}

{{- define "federation-agent.volumes" -}}
{{- $root := index . 0 -}}{{- $values := $root.Values -}}
- name: gravitee-config
  projected:
    defaultMode: 0444
    sources:
      {{- with $values.existingConfig.secret }}
      - secret:
          name: {{ . }}
          items:
            - key: {{ $values.existingConfig.key }}
              path: existing.yml
      {{- end }}
      - secret:
          name: {{ include "federation-agent.fullname" $root }}
          items:
            - key: gravitee.yml
              path: gravitee.yml
{{- if eq (index . 1).name "agent" }}
- name: data
  {{- if $values.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ default (include "federation-agent.fullname" $root) $values.persistence.existingClaim }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- end -}}
