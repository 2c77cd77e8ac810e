{{/* What is run: one agent, or the three services and the console. Answers JSON: [{name, key, image, replicas, autoscaling, resources, extraEnvs, existingSecrets}]. */}}
{{- define "federation-agent.components" -}}
{{- include "federation-agent.refuse" . -}}
{{- $image := .Values.kubernetes.deployment.image -}}
{{- $common := dict "resources" .Values.kubernetes.deployment.resources -}}
{{- $result := list -}}
{{- if eq .Values.mode "standalone" -}}
{{- $result = append $result (merge (dict "name" "agent" "key" "agent" "replicas" 1 "image" (include "federation-agent.image" (list . $image.name .Values.image.digest)) "autoscaling" (dict "enabled" false)) $common) -}}
{{- else -}}
{{- $services := list (list "awsDiscovery" "aws-discovery") (list "gatewayLink" "gateway-link") (list "subscriptionManager" "subscription-manager") -}}
{{- if include "federation-agent.consoleOn" . -}}{{- $services = append $services (list "console" "console") -}}{{- end -}}
{{- range $services -}}
{{- $key := index . 0 -}}{{- $name := index . 1 -}}
{{- $own := get $.Values.distributed $key -}}
{{- if eq $name "console" -}}
{{/* Who is logged in is known to one pod alone. */}}
{{- $own = merge (dict "replicas" 1 "autoscaling" (dict "enabled" false)) $own -}}
{{- end -}}
{{- $component := dict "name" $name "key" $key "image" (include "federation-agent.image" (list $ $own.imageName $own.digest)) -}}
{{- $component = merge $component (pick $own "replicas" "autoscaling" "extraEnvs" "existingSecrets") -}}
{{- if $own.resources -}}{{- $_ := set $component "resources" $own.resources -}}{{- end -}}
{{- $result = append $result (merge $component $common) -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}

{{- define "federation-agent.consoleOn" -}}
{{- if ne (include "federation-agent.setting" (list . "federation.console.enabled")) "false" -}}true{{- end -}}
{{- end -}}

{{/* Whether this component's pods have the console: the agent, or the console by itself. Takes (list $ component). */}}
{{- define "federation-agent.hasConsole" -}}
{{- if and (include "federation-agent.consoleOn" (index . 0)) (has (index . 1).name (list "agent" "console")) -}}true{{- end -}}
{{- end -}}

{{- define "federation-agent.consolePort" -}}
{{- $port := include "federation-agent.setting" (list . "federation.console.port") | default "18087" -}}
{{- if not (regexMatch "^[1-9][0-9]{0,4}$" $port) -}}
{{- fail (printf "federation.console.port is %s: in a pod it must be a number from 1 to 65535, so that the Service finds it" $port) -}}
{{- end -}}
{{- $port -}}
{{- end -}}

{{/* Reference of an image. Takes (list $ name digest). */}}
{{- define "federation-agent.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.kubernetes.deployment.image -}}
{{- $name := index . 1 -}}
{{- if $image.repository -}}{{- $name = printf "%s/%s" (trimSuffix "/" $image.repository) $name -}}{{- end -}}
{{- if index . 2 -}}
{{- printf "%s@%s" $name (index . 2) -}}
{{- else -}}
{{- printf "%s:%s" $name (toString (default $root.Chart.AppVersion $image.tag)) -}}
{{- end -}}
{{- end -}}

{{/* Stops at what cannot work, with what to do. */}}
{{- define "federation-agent.refuse" -}}
{{- $image := .Values.kubernetes.deployment.image -}}
{{- if and (has $image.repository (list "graviteeio" "docker.io/graviteeio")) (hasPrefix "federation-agent-" $image.name) -}}
{{- fail (printf "kubernetes.deployment.image names %s/%s, the official agent, which this chart cannot run: remove the image from your values, or name this agent's (federation-agent/agent)" $image.repository $image.name) -}}
{{- end -}}
{{- if eq .Values.mode "distributed" -}}
{{- $env := include "federation-agent.userEnv" (list . dict) | fromJsonArray -}}
{{- $names := list -}}
{{- range $env -}}{{- $names = append $names (include "federation-agent.envKey" .name) -}}{{- end -}}
{{- $hidden := or .Values.existingConfig.secret .Values.existingSecrets .Values.envFrom -}}
{{- if not (or (include "federation-agent.setting" (list . "federation.broker.url")) (has "nats_url" $names) (has "gravitee_federation_broker_url" $names) .Values.existingConfig.secret) -}}
{{- fail "mode is distributed, and broker.url is empty: the services meet on a NATS of yours with JetStream. Set broker.url to its URL (nats://nats.nats:4222); to install one: helm repo add nats https://nats-io.github.io/k8s/helm/charts/ and helm install nats nats/nats --set config.jetstream.enabled=true" -}}
{{- end -}}
{{- $own := .Values.distributed.subscriptionManager -}}
{{- if not (or .Values.sealingKey.existingSecret (include "federation-agent.setting" (list . "federation.sealingKey")) (has "gravitee_federation_sealingkey" $names) $hidden $own.existingSecrets $own.extraEnvs) -}}
{{- fail "mode is distributed, and there is no sealing key: subscription-manager seals the keys of subscriptions with it. Make one: kubectl create secret generic federation-sealing-key --from-literal=sealingKey=$(openssl rand -base64 32), and set sealingKey.existingSecret" -}}
{{- end -}}
{{- if .Values.persistence.enabled -}}
{{- fail "persistence.enabled is for mode standalone: distributed keeps its state in your NATS" -}}
{{- end -}}
{{- end -}}
{{- end -}}
