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
ACKED=0 RETURNED=0 BY_DHCPD=0
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
    [ "$(number lost)" = 0 ] || fail "$STEP (seed $SEED): $said"
    duplicates "$said"
    ACKED=$((ACKED + $(number acked))) RETURNED=$((RETURNED + $(number returned)))
}
# duplicates SUMMARY: there are none, or each is one that a dhcpd made alone. Three ways are known.
#  * As secondary it takes a BACKUP or FREE without potential-expiration-time over a lease of its own: when what was told before a
#    break is told again after it, the lease that it gave in between is forgotten.
#  * It ends a lease in whole seconds, rounded down: in PARTNER-DOWN the next client has the address up to a second too early.
#  * It takes an older ACTIVE over its own renewal of the same lease, and tells us the shorter end.
# In the first two it, and not ours, acknowledged both clients; in the third its own lease file has the shorter end after the longer.
duplicates() {
    local said=$1 address second first x=''
    while read -r address second first; do
        x=''
        for y in a b; do [ "${KIND[$y]}" = ours ] || x=$y; done
        [ -n "$x" ] && { gave_both "$x" "$address" "$first" "$second" || cut_short "$x" "$address" "$first"; } \
            || fail "$STEP (seed $SEED): $said"
        BY_DHCPD=$((BY_DHCPD + 1))
        echo "$STEP: $address is given to client $second and is still of client $first, by the word of $x (dhcpd)" >&2
    done < <(echo "$said" | grep -oE '[0-9.]+ given to client [0-9]+ at [0-9]+ ms while client [0-9]+' | awk '{ print $1, $5, $11 }')
    [[ $said == *'"duplicates":[]'* ]] || [ "$x" ] || fail "$STEP (seed $SEED): $said"
}
# gave_both X ADDRESS CLIENT CLIENT: X acknowledged both, and the other neither.
gave_both() {
    local y; y=$(other "$1")
    gave "$1" "$2" "$3" && gave "$1" "$2" "$4" && ! gave "$y" "$2" "$3" && ! gave "$y" "$2" "$4"
}
# gave X ADDRESS CLIENT
gave() {
    local mac; mac=$(mac_of "$3")
    grep -qE "DHCPACK on $2 to $mac |lease client=\"$mac\" address=$2 " "$RUN/$1.log"
}
# cut_short X ADDRESS CLIENT: the lease file of dhcpd X has this lease with an end, and later with an earlier one.
cut_short() {
    awk -v address="$2" -v mac="$(mac_of "$3")" '
        /^lease / { mine = ($2 == address); ends = ""; active = 0; hers = 0 }
        mine && $1 == "ends" { ends = $3 " " $4 }
        mine && /^  binding state active;/ { active = 1 }
        mine && $1 == "hardware" && $3 == mac ";" { hers = 1 }
        /^}/ && mine && active && hers { if (ends < latest) short = 1; else latest = ends }
        END { exit !short }' "$RUN/$1.leases"
}
mac_of() { printf '02:f0:%02x:%02x:%02x:%02x' $(($1 >> 24)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)); }
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
echo "$1: $N faults, $ACKED leases, $RETURNED given back: no duplicate$([ $BY_DHCPD = 0 ] || echo " but $BY_DHCPD of the dhcpd alone"), none lost; seed $SEED, $SECONDS s"
