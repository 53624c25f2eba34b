# shellcheck shell=bash
# For scripts that need a Docker Engine: the one that `docker` points to, or one of their own that leaves nothing behind.
#
# The sourcing script sets project, the project's folder, and has stop_engine called when it exits.

engine='' # folder of an engine of our own
bridge=wd-sh$$

say() { echo "${0##*/}: $*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

use_or_start_engine() {
  if command -v docker >/dev/null && timeout 20 docker version >/dev/null 2>&1 && [[ -S $(socket_of_docker) ]]; then
    say "using the engine that docker points to, at $(socket_of_docker)"
    return
  fi
  "$project/src/test/sh/install-engine"
  engine=$(mktemp -d /tmp/wd-sh.XXXXXX)
  export DOCKER_HOST=unix://$engine/docker.sock
  say "starting an engine of our own in $engine"
  # a bridge of its own: a second engine on the default one would disturb the first
  ip link add "$bridge" type bridge
  ip address add 192.168.213.1/24 dev "$bridge"
  ip link set "$bridge" up
  setsid dockerd --host "$DOCKER_HOST" --data-root "$engine/data" --exec-root "$engine/exec" --pidfile "$engine/pid" \
    --bridge "$bridge" --iptables=false --ip6tables=false >"$engine/log" 2>&1 &
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    docker version >/dev/null 2>&1 && return
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$engine/log" >&2
  fail "dockerd did not start; its last lines stand above. It needs root and control groups."
}

stop_engine() {
  [[ -n $engine ]] || return 0
  say "stopping the engine"
  local pid
  pid=$(cat "$engine/pid" 2>/dev/null)
  [[ -z $pid ]] || { kill "$pid" && tail --pid="$pid" -f /dev/null; }
  ip link delete "$bridge" 2>/dev/null
  grep -o " ${engine}[^ ]*" /proc/mounts | sort -r | xargs -r -n 1 umount -l 2>/dev/null
  rm -rf "$engine"
}

# The socket of the engine on this machine, which the action mounts.
socket_of_docker() {
  local host=${DOCKER_HOST-}
  [[ -n $host ]] || host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true)
  host=${host:-unix:///var/run/docker.sock}
  [[ $host == unix://* ]] && echo "${host#unix://}"
}

# An image of the machine's static busybox. $1: its name
make_busybox_image() {
  command -v busybox >/dev/null || fail "busybox is missing (Debian: busybox-static)"
  local root applet
  root=$(mktemp -d)
  mkdir "$root/bin"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in sh true sleep; do
    ln -s busybox "$root/bin/$applet"
  done
  tar -C "$root" -c . | docker import --change 'ENV PATH=/bin' --change 'CMD ["true"]' - "$1" >/dev/null
  rm -r "$root"
}
