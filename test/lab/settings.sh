# SPDX-License-Identifier: Apache-2.0
# Sourced by the lab scripts (bash): settings, all from the environment, and the bridge.
#   LAB_CACHE   what labs share: base systems, fetched packages (default ${XDG_CACHE_HOME:-$HOME/.cache}/mgmt/lab)
#   LAB_BRIDGE  the bridge of this lab, at most 9 letters       (default lab-own)
#   LAB_DIR     the hosts of this lab                           (default $LAB_CACHE/runs/$LAB_BRIDGE)
#   LAB_NET     first three octets of its network               (default: the first of 10.78-95.x that is free)
# Labs with different bridges run side by side. A lab is not routed anywhere; only `mirror` talks to the outside.
set -euo pipefail
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_CACHE=${LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/mgmt/lab}
LAB_BRIDGE=${LAB_BRIDGE:-lab-own}
LAB_DIR=${LAB_DIR:-$LAB_CACHE/runs/$LAB_BRIDGE}
MIRROR_PORT=3142
mkdir -p "$LAB_CACHE" "$LAB_DIR"
export LAB_CACHE LAB_BRIDGE LAB_DIR

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }
usage() { sed -n '/^# usage/,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# wait_for SECONDS COMMAND...: until COMMAND succeeds
wait_for() {
  local end=$((SECONDS + $1 + 1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}

# start PIDFILE LOG COMMAND...: in the background, in a session of its own; stop PIDFILE
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
gone() { ! alive "$1"; }
start() { local pid=$1 log=$2; shift 2; setsid "$@" > "$log" 2>&1 < /dev/null & echo $! > "$pid"; }
stop() {
  alive "$1" || { rm -f "$1"; return 0; }
  kill "$(cat "$1")" 2>/dev/null || true
  wait_for 3 gone "$1" || kill -9 "$(cat "$1")" 2>/dev/null || true
  rm -f "$1"
}

# The address of the bridge is the record of the network that this lab has.
bridge_exists() { ip link show dev "$LAB_BRIDGE" > /dev/null 2>&1; }
bridge_net() { ip -4 -o addr show dev "$LAB_BRIDGE" | sed -n 's/.* inet \([0-9.]*\)\.1\/24.*/\1/p'; }
free_net() {
  local used net i j; used=$(ip -4 -o addr; ip -4 route)
  for i in $(seq 78 95); do for j in $(seq 0 255); do
    net=10.$i.$j
    case $used in *" $net."*) ;; *) echo "$net"; return ;; esac
  done; done
  die "no network is free"
}
bridge_up() (
  exec 9> "$LAB_CACHE/network.lock"; flock 9
  bridge_exists && exit 0
  net=${LAB_NET:-$(free_net)}
  ip link add "$LAB_BRIDGE" type bridge forward_delay 0 stp_state 0 mcast_snooping 0
  ip addr add "$net.1/24" dev "$LAB_BRIDGE"
  ip link set "$LAB_BRIDGE" up
)
bridge_down() { if bridge_exists; then ip link del "$LAB_BRIDGE"; fi; }

# mount point of a cgroup2 tree (its controllers may all be in use by v1)
cgroup2() {
  local m; m=$(awk '$3=="cgroup2"{print $2; exit}' /proc/mounts)
  [ -n "$m" ] || { m=$LAB_CACHE/cgroup2; mkdir -p "$m"; mount -t cgroup2 cgroup2 "$m"; }
  echo "$m"
}
