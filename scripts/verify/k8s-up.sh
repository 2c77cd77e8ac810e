#!/usr/bin/env bash
# Starts a real Kubernetes control plane on loopback: etcd, kube-apiserver (RBAC), kube-controller-manager,
# kube-scheduler; kwok plays the nodes, so pods become Running and Ready without a container engine.
# Everything is built once from source into k8s/bin/ of the tools' folder with Go 1.26 (10 to 15 minutes on two cores, 0.5 GB of binaries).
#   scripts/verify/k8s-up.sh build   only build
#   scripts/verify/k8s-up.sh         build if needed, start a fresh empty cluster, prove RBAC and a rollout
#   scripts/verify/k8s-up.sh stop    stop what this script started
# Environment: FEDERATION_TOOLS (.tools of the checkout), API_PORT (16443), ETCD_PORT (12379), NODES (2), CLUSTER (k8s/run of the
# tools' folder: what the cluster keeps; with a folder and ports of its own several run at once).
# After start: export KUBECONFIG=k8s/run/admin.kubeconfig; kubectl and helm are in its k8s/bin/.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
k8s=1.36.3 helm=v4.3.1 kwok=v0.8.0 etcd=v3.6.16
port=${API_PORT:-16443} eport=${ETCD_PORT:-12379} nodes=${NODES:-2}
tools=${FEDERATION_TOOLS:-$here/.tools}
bin=$tools/k8s/bin run=${CLUSTER:-$tools/k8s/run}
mkdir -p "$bin" "$run"

build() {
  [ -f "$bin/k8s-$k8s-$helm-$kwok-$etcd" ] && return 0
  local src=$bin/src/k8s minor=${k8s#1.}; mkdir -p "$src/etcd"; cd "$src"
  # k8s.io/kubernetes replaces its staging modules by folders inside its repository; here each is replaced by
  # the published module of the same release (1.x.y -> 0.x.y).
  local up; up=$(go mod download -json "k8s.io/kubernetes@v$k8s" | sed -n 's/.*"GoMod": "\(.*\)",*/\1/p')
  { printf 'module k8sbin\n\ngo 1.26.0\n\nrequire (\n\tgo.etcd.io/etcd/server/v3 %s\n\thelm.sh/helm/v4 %s\n\tk8s.io/kubernetes v%s\n\tsigs.k8s.io/kwok %s\n)\n\nreplace (\n' "$etcd" "$helm" "$k8s" "$kwok"
    sed -nE "s#^[[:space:]]+(k8s.io/[a-z-]+) => ./staging.*#\t\1 => \1 v0.$minor#p" "$up"; printf ')\n'; } > go.mod
  cat > tools.go <<'EOF'
//go:build tools

package tools

import (
	_ "helm.sh/helm/v4/cmd/helm"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
EOF
  printf 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n' > etcd/main.go
  go mod tidy
  local v="-s -w -X k8s.io/component-base/version.gitVersion=v$k8s -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*} -X k8s.io/client-go/pkg/version.gitVersion=v$k8s"
  local c t
  for c in k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kube-scheduler \
    k8s.io/kubernetes/cmd/kubectl helm.sh/helm/v4/cmd/helm sigs.k8s.io/kwok/cmd/kwok ./etcd; do
    t=$SECONDS; CGO_ENABLED=0 go build -trimpath -ldflags "$v" -o "$bin/$(basename "$c")" "$c"; echo "built $(basename "$c") in $((SECONDS - t)) s"
  done
  local stage; stage=$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
  : > "$bin/kwok-stages.yaml"; chmod u+w "$bin/kwok-stages.yaml"
  local f; for f in "$stage/node/fast/node-initialize.yaml" "$stage/node/heartbeat/node-heartbeat.yaml" "$stage"/pod/fast/pod-*.yaml; do
    { cat "$f"; printf '\n---\n'; } >> "$bin/kwok-stages.yaml"; done
  touch "$bin/k8s-$k8s-$helm-$kwok-$etcd"; cd "$here"
}

stop() {
  local p; for p in kwok scheduler controller-manager apiserver etcd; do
    [ -f "$run/$p.pid" ] || continue
    kill "$(cat "$run/$p.pid")" 2>/dev/null || true
    for _ in $(seq 80); do kill -0 "$(cat "$run/$p.pid")" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$(cat "$run/$p.pid")" 2>/dev/null || true
    rm -f "$run/$p.pid"
  done
}
start() { local name=$1; shift; nohup "$@" > "$run/$name.log" 2>&1 & echo $! > "$run/$name.pid"; }
die() { echo "$1; logs in $run" >&2; exit 1; }

case "${1:-up}" in
  build) build; exit 0 ;;
  stop) stop; echo "cluster stopped"; exit 0 ;;
  up) ;;
  *) echo "usage: $0 [build|up|stop]" >&2; exit 2 ;;
esac
build
stop
for p in "$port" "$eport" $((eport + 1)); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then echo "port $p is in use (API_PORT and ETCD_PORT choose others)" >&2; exit 1; fi
done
rm -rf "$run"; mkdir -p "$run/pki"; cd "$run/pki"

openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=local-ca -days 30 2>/dev/null
cert() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile <(printf '%s\n' "$3") -out "$1.crt" 2>/dev/null
}
cert apiserver /CN=kube-apiserver 'subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1'
openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
kubeconfig() {
  cert "$1" "$2" extendedKeyUsage=clientAuth
  local f="$run/$1.kubeconfig"
  "$bin/kubectl" config --kubeconfig "$f" set-cluster local --server="https://127.0.0.1:$port" --certificate-authority=ca.crt --embed-certs >/dev/null
  "$bin/kubectl" config --kubeconfig "$f" set-credentials user --client-certificate="$1.crt" --client-key="$1.key" --embed-certs >/dev/null
  "$bin/kubectl" config --kubeconfig "$f" set-context local --cluster=local --user=user >/dev/null
  "$bin/kubectl" config --kubeconfig "$f" use-context local >/dev/null
  chmod 600 "$f"
}
kubeconfig admin /O=system:masters/CN=admin
kubeconfig controller-manager /CN=system:kube-controller-manager
kubeconfig scheduler /CN=system:kube-scheduler
k() { "$bin/kubectl" --kubeconfig "$run/admin.kubeconfig" "$@"; }

start etcd "$bin/etcd" --data-dir "$run/etcd" --listen-client-urls "http://127.0.0.1:$eport" --advertise-client-urls "http://127.0.0.1:$eport" \
  --listen-peer-urls "http://127.0.0.1:$((eport + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((eport + 1))" \
  --initial-cluster "default=http://127.0.0.1:$((eport + 1))" --unsafe-no-fsync
start apiserver "$bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$eport" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$port" \
  --tls-cert-file=apiserver.crt --tls-private-key-file=apiserver.key --client-ca-file=ca.crt --cert-dir="$run" \
  --service-account-key-file=sa.pub --service-account-signing-key-file=sa.key --service-account-issuer=https://kubernetes.default.svc.cluster.local \
  --authorization-mode=Node,RBAC --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none
for _ in $(seq 120); do k get --raw /readyz >/dev/null 2>&1 && ready=1 && break; sleep 0.5; done
[ "${ready:-}" ] || die "the API server did not become ready"
common=(--secure-port=0 --leader-elect=false)
for c in controller-manager scheduler; do
  f=$run/$c.kubeconfig; extra=()
  [ $c = controller-manager ] && extra=(--service-account-private-key-file=sa.key --root-ca-file=ca.crt --use-service-account-credentials --cluster-signing-cert-file=ca.crt --cluster-signing-key-file=ca.key)
  start $c "$bin/kube-$c" --kubeconfig="$f" --authentication-kubeconfig="$f" --authorization-kubeconfig="$f" --cert-dir="$run" "${common[@]}" "${extra[@]}"
done
start kwok "$bin/kwok" --kubeconfig="$run/admin.kubeconfig" --manage-all-nodes=true --server-address=127.0.0.1:0 --config="$bin/kwok-stages.yaml"
for i in $(seq "$nodes"); do
  printf -- '---\napiVersion: v1\nkind: Node\nmetadata: {name: node-%s, labels: {kubernetes.io/hostname: node-%s, kubernetes.io/os: linux, kubernetes.io/arch: amd64, topology.kubernetes.io/zone: zone-%s}}\nstatus: {allocatable: &room {cpu: "8", memory: 32Gi, ephemeral-storage: 64Gi, pods: "110"}, capacity: *room}\n' "$i" "$i" "$i"
done | k apply -f - >/dev/null
k wait --for=condition=Ready node --all --timeout=60s >/dev/null || die "the nodes did not become ready"
for _ in $(seq 60); do k -n default get sa default >/dev/null 2>&1 && break; sleep 0.5; done

# proof: a service account reads the one secret its role names and no other, and a deployment rolls out
k create ns proof >/dev/null; k -n proof create sa reader >/dev/null
for s in mine other; do k -n proof create secret generic $s --from-literal=a=b >/dev/null; done
k -n proof create role reader --verb=get --resource=secrets --resource-name=mine >/dev/null
k -n proof create rolebinding reader --role=reader --serviceaccount=proof:reader >/dev/null
token=$(k -n proof create token reader)
code() { curl -s -o /dev/null -w '%{http_code}' --cacert ca.crt -H "Authorization: Bearer $token" "https://127.0.0.1:$port/api/v1/namespaces/proof/secrets/$1"; }
for _ in $(seq 20); do mine=$(code mine); [ "$mine" = 200 ] && break; sleep 0.25; done
other=$(code other)
[ "$mine $other" = "200 403" ] || die "RBAC proof failed: $mine $other"
k -n proof create deployment web --image=none --replicas=2 >/dev/null
k -n proof rollout status deployment/web --timeout=60s >/dev/null || die "the rollout did not finish"
k delete ns proof --wait=false >/dev/null

k version | tail -n 1
k get nodes
echo "proved: token of a service account reads its secret (200) and not another (403); a deployment of 2 rolled out"
echo "use:  export KUBECONFIG=$run/admin.kubeconfig PATH=$bin:\$PATH"
echo "stop: $here/scripts/verify/k8s-up.sh stop"
