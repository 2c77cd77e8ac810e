#!/bin/sh
# Makes the Secrets that the pods of an overlay refer to, and what a newer release adds to them; --help says which. No value is an argument of a program, where
# every user of the machine could read it, and none is printed but by --dry-run.
set -eu
umask 077

help() {
  cat <<'EOF'
deploy/k8s/make-secrets.sh single|scaled [options]     needs kubectl and openssl; what is there is kept, what is missing is added

  --namespace <name>   federation-agent without it; made when it is not there
  --existing-nats      scaled, on a NATS of your own: nothing for the component nats, the passwords of its users are asked for
  --dry-run            asks no cluster and prints the manifests, values and all: for a tool that encrypts them

Asked for on a terminal, or read from the environment:
  APIM_TOKEN                                       token of a service account of APIM, sent as "Authorization: bearer <token>"
  GATEWAY_LINK_PASSWORD, AWS_DISCOVERY_PASSWORD,   with --existing-nats
  SUBSCRIPTION_MANAGER_PASSWORD, CONSOLE_PASSWORD
From the environment alone, each pair only when it is set:
  AGENT_AWS_ACCESS_KEY_ID and AGENT_AWS_SECRET_ACCESS_KEY   without them the pods use their own role
  NATS_CA_FILE                                     with --existing-nats: PEM file of the authority of its certificate

Made:
  federation-agent-apim         the header for APIM
  federation-agent-aws          the AWS user, when one is given
  federation-agent-console      the password of the console's user `admin`
  federation-agent-sealing-key  scaled: seals stored key values; keep a copy where you keep secrets
  federation-agent-broker       scaled: the password of each service
  federation-agent-nats         scaled: the same passwords, for the component nats
  federation-agent-nats-tls     scaled: certificate of the component nats for ten years, and its authority

To change one: kubectl delete secret <name>, run this again, restart the pods that read it.
EOF
}
fail() { echo "make-secrets.sh: $1" >&2; exit 1; }

overlay='' namespace=federation-agent existing_nats='' dry_run=''
while [ $# -gt 0 ]; do
  case $1 in
    single | scaled) overlay=$1 ;;
    --namespace) namespace=${2-}; shift $(($# > 1)) ;;
    --existing-nats) existing_nats=yes ;;
    --dry-run) dry_run=yes ;;
    -h | --help) help; exit 0 ;;
    *) help >&2; fail "$1 is no option" ;;
  esac
  shift
done
[ -n "$overlay" ] || { help >&2; fail 'which overlay: single or scaled?'; }
[ -n "$namespace" ] || fail '--namespace needs a name'
services='gateway-link aws-discovery subscription-manager console'

work=$(mktemp -d)
clean() { rm -rf "$work"; [ ! -t 0 ] || stty echo; }
trap clean EXIT
trap 'exit 1' INT TERM

there() { # <secret>
  [ -z "$dry_run" ] || return 1
  found=$(kubectl get secret "$1" --namespace "$namespace" --ignore-not-found -o name) || exit 1
  [ -n "$found" ]
}
wanted() { # <secret>
  if there "$1"; then echo "secret/$1 kept" >&2; return 1; fi
  mkdir "$work/$1"
}
put() { printf '%s' "$3" > "$work/$1/$2"; } # <secret> <key> <value>; printf is the shell's own
has() { # <secret> <key>
  [ -n "$(kubectl get secret "$1" --namespace "$namespace" -o go-template="{{with index .data \"$2\"}}{{.}}{{end}}")" ]
}
add() { # <secret> <key> <value>: a key that a newer release has
  printf '{"data":{"%s":"%s"}}' "$2" "$(printf '%s' "$3" | openssl base64 -A)" > "$work/patch"
  kubectl patch secret "$1" --namespace "$namespace" --type merge --patch-file "$work/patch"
}
create() { # <secret>
  if [ -n "$dry_run" ]; then
    echo ---
    kubectl create secret generic "$1" --namespace "$namespace" --from-file="$work/$1" --dry-run=client -o yaml
  else
    kubectl create secret generic "$1" --namespace "$namespace" --from-file="$work/$1"
  fi
}
ask() { # <variable> <what it is>: sets `given`
  eval "given=\${$1:-}"
  [ -z "$given" ] || return 0
  [ -t 0 ] || fail "$1 is not set: $2"
  printf '%s: ' "$2" >&2
  stty -echo
  IFS= read -r given
  stty echo
  echo >&2
  [ -n "$given" ] || fail "nothing was given: $2"
}
variable() { echo "$1" | tr 'a-z-' 'A-Z_' | sed 's/$/_PASSWORD/'; } # <service>

stored() { # <secret> <key>
  kubectl get secret "$1" --namespace "$namespace" -o go-template="{{index .data \"$2\" | base64decode}}"
}
password() { # <service>: the one that a Secret has already
  if there federation-agent-broker && has federation-agent-broker "$1"; then stored federation-agent-broker "$1"
  elif there federation-agent-nats && has federation-agent-nats "$(variable "$1")"; then
    stored federation-agent-nats "$(variable "$1")"
  else echo "p$(openssl rand -hex 24)"; fi
}
openssl_quiet() { openssl "$@" 2> "$work/said" || { cat "$work/said" >&2; exit 1; }; }
certificate() { # <folder for ca.crt, tls.crt, tls.key>; the authority's key is thrown away
  names=DNS:localhost
  for host in nats nats-headless nats-0.nats-headless nats-1.nats-headless nats-2.nats-headless; do
    for domain in '' ".$namespace" ".$namespace.svc" ".$namespace.svc.cluster.local"; do
      names="$names,DNS:$host$domain"
    done
  done
  printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n' > "$work/ca.ext"
  # A node is the client of another one on its route.
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" > "$work/tls.ext"
  for one in ca tls; do
    openssl_quiet ecparam -name prime256v1 -genkey -noout -out "$work/$one.key"
    openssl_quiet req -new -key "$work/$one.key" -subj "/CN=federation-agent-nats-$one" -out "$work/$one.csr"
  done
  openssl_quiet x509 -req -in "$work/ca.csr" -signkey "$work/ca.key" -days 3650 -extfile "$work/ca.ext" -out "$1/ca.crt"
  openssl_quiet x509 -req -in "$work/tls.csr" -CA "$1/ca.crt" -CAkey "$work/ca.key" -set_serial 1 -days 3650 \
    -extfile "$work/tls.ext" -out "$1/tls.crt"
  cp "$work/tls.key" "$1/tls.key"
}

if [ -z "$dry_run" ]; then
  found=$(kubectl get namespace "$namespace" --ignore-not-found -o name)
  [ -n "$found" ] || kubectl create namespace "$namespace" --save-config
fi

if wanted federation-agent-apim; then
  ask APIM_TOKEN 'token of a service account of APIM'
  put federation-agent-apim authorization "bearer $given"
  create federation-agent-apim
fi
if [ -n "${AGENT_AWS_ACCESS_KEY_ID:-}${AGENT_AWS_SECRET_ACCESS_KEY:-}" ] && wanted federation-agent-aws; then
  [ -n "${AGENT_AWS_ACCESS_KEY_ID:-}" ] || fail 'AGENT_AWS_ACCESS_KEY_ID is not set'
  [ -n "${AGENT_AWS_SECRET_ACCESS_KEY:-}" ] || fail 'AGENT_AWS_SECRET_ACCESS_KEY is not set'
  put federation-agent-aws accessKeyId "$AGENT_AWS_ACCESS_KEY_ID"
  put federation-agent-aws secretAccessKey "$AGENT_AWS_SECRET_ACCESS_KEY"
  create federation-agent-aws
fi
if wanted federation-agent-console; then
  put federation-agent-console admin "$(openssl rand -hex 16)"
  create federation-agent-console
fi
[ "$overlay" = scaled ] || exit 0

if wanted federation-agent-sealing-key; then
  put federation-agent-sealing-key sealingKey "$(openssl rand -base64 32)"
  create federation-agent-sealing-key
fi

if [ -n "$existing_nats" ]; then
  if wanted federation-agent-broker; then
    for service in $services; do
      ask "$(variable "$service")" "password of the user $service of NATS"
      put federation-agent-broker "$service" "$given"
    done
    create federation-agent-broker
  else
    for service in $services; do
      if has federation-agent-broker "$service"; then continue; fi
      ask "$(variable "$service")" "password of the user $service of NATS"
      add federation-agent-broker "$service" "$given"
    done
  fi
  if [ -n "${NATS_CA_FILE:-}" ] && wanted federation-agent-nats-tls; then
    cp "$NATS_CA_FILE" "$work/federation-agent-nats-tls/ca.crt"
    create federation-agent-nats-tls
  fi
  exit 0
fi

mkdir "$work/passwords"
for service in $services; do
  given=$(password "$service")
  # nats-server reads a variable as a value of its configuration: after a digit it looks for a number.
  case $given in
    [!A-Za-z]* | *[!A-Za-z0-9_-]*) fail "the password of $service is not a letter, then letters, digits, _ and -" ;;
  esac
  put passwords "$service" "$given"
done
key_of() { if [ "$1" = federation-agent-nats ]; then variable "$2"; else echo "$2"; fi; } # <secret> <service>
for secret in federation-agent-broker federation-agent-nats; do
  if wanted "$secret"; then
    for service in $services; do cp "$work/passwords/$service" "$work/$secret/$(key_of "$secret" "$service")"; done
    create "$secret"
  else
    for service in $services; do
      key=$(key_of "$secret" "$service")
      if ! has "$secret" "$key"; then add "$secret" "$key" "$(cat "$work/passwords/$service")"; fi
    done
  fi
done
if wanted federation-agent-nats-tls; then
  certificate "$work/federation-agent-nats-tls"
  create federation-agent-nats-tls
fi
