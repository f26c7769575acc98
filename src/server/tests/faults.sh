#!/usr/bin/env bash
# Pairs in network namespaces under load and faults: nobody may hold an address of somebody else for a millisecond, and nobody
# may lose a lease, by the clients' own record. Nightly: N faults for each pair, about 20 s each.
#
#   src/server/tests/faults.sh [-n N] [ours-ours|ours-dhcpd|dhcpd-ours]...    primary first; N is 30; without: all three, at a time
#
# Clients obtain, renew and give back in every second. Each fault befalls the primary and the secondary in turn: killed, ended,
# stopped for a while, emptied, cut off, and declared down while it is. What is needed is as for pairs.sh; SEED repeats a run.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/../../.."
DHCPFO=$(realpath "${DHCPFO:-target/debug/dhcpfo}")
PATH=$PATH:/usr/sbin:/sbin
for tool in ip ethtool dhcpd omshell; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool here; faults were not tested" >&2; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED: not root; faults were not tested" >&2; exit 0; }
ip netns add "dhcpfo$$" 2> /dev/null || { echo "SKIPPED: no network namespaces here; faults were not tested" >&2; exit 0; }
ip netns del "dhcpfo$$"

N=30
[ "${1:-}" != -n ] || { N=$2; shift 2; }
[ $# -gt 0 ] || set -- ours-ours ours-dhcpd dhcpd-ours
if [ $# -gt 1 ]; then
    SAID=$(mktemp -d) FAILED=0
    for pair in "$@"; do "$HERE/faults.sh" -n "$N" "$pair" > "$SAID/$pair" 2>&1 & echo $! > "$SAID/$pair.pid"; done
    for pair in "$@"; do
        wait "$(cat "$SAID/$pair.pid")" || FAILED=1
        cat "$SAID/$pair"
    done
    rm -rf "$SAID"
    exit $FAILED
fi

. "$HERE/pairs_lib.sh"
# Shorter leases than there: many end, and go to somebody else.
LEASE=20
NS=${NS:-dhcpfo$$}
RUN=$(mktemp -d)
KEEP=${KEEP:-} STEP='' LOAD=''
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
KIND[a]=${1%-*} KIND[b]=${1#*-}
ACKED=0 RETURNED=0
finish() {
    [ -z "$LOAD" ] || kill "$LOAD" 2> /dev/null || true
    for x in a b; do [ -z "${PID[$x]:-}" ] || kill -CONT "${PID[$x]}" 2> /dev/null || true; stop $x KILL; done
    net_down
    [ -n "$KEEP" ] || rm -rf "$RUN"
}
trap finish EXIT

# Clients come and go until load_end; what was given is in one record for all faults.
load() {
    in_ns lan "$DHCPFO" client mix --local 10.77.0.1:67 --server 10.77.0.2:67 --server 10.77.0.3:67 --patience 0.5 \
        --record "$RUN/leases.jsonl" --json --rate 12 --seconds "$1" > "$RUN/load.json" &
    LOAD=$!
}
load_end() {
    wait "$LOAD" || true
    LOAD=''
    local said; said=$(cat "$RUN/load.json")
    number() { echo "$said" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
    [[ $said == *'"duplicates":[]'* ]] || fail "$STEP (seed $SEED): $said"
    [ "$(number lost)" = 0 ] || fail "$STEP (seed $SEED): $said"
    ACKED=$((ACKED + $(number acked))) RETURNED=$((RETURNED + $(number returned)))
}
pause() { sleep $((RANDOM % $1)).$((RANDOM % 10)); }

fault() { # fault KIND X
    local x=$2 y; y=$(other "$2")
    case $1 in
    killed) stop "$x" KILL; pause 4; start "$x" ;;
    ended) stop "$x" TERM; pause 4; start "$x" ;;
    stopped) kill -STOP "${PID[$x]}"; pause 9; kill -CONT "${PID[$x]}" ;;
    cut) link_cut; pause 12; link_restore ;;
    emptied) stop "$x" KILL; interrupted "$y"; forget "$x"; pause 3; start "$x" ;;
    down) stop "$x" KILL; interrupted "$y"; partner_down "$y"; sleep $((MCLT + 2)); start "$x" ;;
    esac
}

net_up
for x in a b; do configure_"${KIND[$x]}" $x; done
STEP='first start'
start a
start b
normal
KINDS=(killed ended stopped cut emptied down)
for ((i = 0; i < N; i++)); do
    kind=${KINDS[$((i / 2 % ${#KINDS[@]}))]} x=a
    [ $((i % 2)) = 0 ] || x=b
    STEP="fault $((i + 1)) of $N: $x (${KIND[$x]}) $kind"
    load $((MCLT * 2))
    pause 3
    fault $kind $x
    normal
    load_end
done
echo "$1: $N faults, $ACKED leases, $RETURNED given back: no duplicate, none lost; seed $SEED, $SECONDS s"
