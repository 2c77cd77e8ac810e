#!/bin/sh
# Runs a Python program of this folder in the environment of requirements-moto.txt; makes that environment first when need be.
#   run.sh serve [options]    moto on loopback, see README.md
#   run.sh seed  [options]    fills it
#   run.sh --install-only
# It lies in .tools/venv-moto inside the checkout, so that nothing outside is touched. PYTHON picks another interpreter.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../../.." && pwd)/.tools
requirements=$here/requirements-moto.txt
venv=$tools/venv-moto
stamp=$venv/installed-$(cksum <"$requirements" | tr -c '0-9\n' -)

install() {
    "${PYTHON:-python3}" -m venv --clear "$venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps --require-hashes \
        -r "$requirements" >&2
    touch "$stamp"
}

if [ ! -f "$stamp" ]; then
    mkdir -p "$tools"
    # One installation at a time: several tests may start together.
    exec 9>"$tools/venv-moto.lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    if [ ! -f "$stamp" ]; then install; fi
    exec 9>&-
fi

case "${1:-}" in
    --install-only) exit 0 ;;
    serve | seed) program=$1 && shift ;;
    *) echo "usage: run.sh serve|seed [options], or run.sh --install-only" >&2 && exit 2 ;;
esac
exec "$venv/bin/python" -B "$here/$program.py" "$@"
