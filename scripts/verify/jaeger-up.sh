#!/usr/bin/env bash
# Builds a Jaeger (v1, all in one) with Go 1.26 or newer, once: about three minutes on two cores.
#   scripts/verify/jaeger-up.sh build
# Environment: FEDERATION_TOOLS (.tools of the checkout); the program is jaeger/bin/jaeger below it.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
home=${FEDERATION_TOOLS:-$checkout/.tools}/jaeger
version=v1.62.0

if [ "${1:-}" != build ]; then
  sed -n '2,4p' "$0"
  exit 2
fi
[ -x "$home/bin/jaeger-$version" ] || {
  src=$home/src
  mkdir -p "$src" "$home/bin"
  # Jaeger's own go.mod replaces a module, so `go install` refuses it; a module that says the same builds it.
  cat >"$src/go.mod" <<MOD
module jaeger-of-the-checks

go 1.26.0

require github.com/jaegertracing/jaeger $version

replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0
MOD
  printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/jaegertracing/jaeger/cmd/all-in-one"\n' >"$src/tools.go"
  (
    cd "$src"
    go mod tidy
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$home/bin/jaeger-$version" github.com/jaegertracing/jaeger/cmd/all-in-one
  ) >&2
}
ln -sf "jaeger-$version" "$home/bin/jaeger"
