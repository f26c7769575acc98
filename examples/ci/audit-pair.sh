#!/usr/bin/env bash
# A gate for a DHCP failover server that is not ours: starts a pair of it in network namespaces, lets clients come and go,
# breaks things, captures everything, and ends as `dhcpfo audit` does (0 nothing violated, 1 violated, 3 nothing judged).
#
#   examples/ci/audit-pair.sh examples/ci/pair-dhcpd.sh
#   DURATION=120 FAULTS="cut kill" BASELINE=known.json examples/ci/audit-pair.sh my-pair.sh
#
# The argument is a file of shell functions that know the server (see pair-dhcpd.sh): pair_needs, pair_configure X,
# pair_command X, and, where the server has it, pair_partner_down X. X is a (primary) or b (secondary).
#
#   DURATION   seconds of clients and faults (600)
#   FAULTS     which, one after the other and again (cut kill restart partner-down)
#   MCLT LEASE seconds (20, 60); DELAY: seconds after which a server may call the other one lost (6)
#   CLIENTS    how many clients there are at most (12)
#   OUT        folder for captures, logs, audit.txt, audit.json, junit.xml (a new one below /tmp)
#   BASELINE   an audit.json of earlier: what is in there is known, and only what is new makes the gate fail
#   DHCPFO     the command (dhcpfo); GITHUB_ACTIONS adds annotations
#
# Needs root, iproute2, ethtool, tcpdump, and the server. Nothing leaves the namespaces.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,20s/^# \{0,1\}//p' "$0" >&2; exit 2; }
PAIR=$(realpath "$1")
DHCPFO=$(command -v "${DHCPFO:-dhcpfo}") || { echo "no dhcpfo: name it with DHCPFO" >&2; exit 2; }
DHCPFO=$(realpath "$DHCPFO")
PATH=$PATH:/usr/sbin:/sbin
DURATION=${DURATION:-600} FAULTS=${FAULTS:-cut kill restart partner-down}
MCLT=${MCLT:-20} LEASE=${LEASE:-60} DELAY=${DELAY:-6} CLIENTS=${CLIENTS:-12}
[ -z "${BASELINE:-}" ] || BASELINE=$(realpath "$BASELINE")
OUT=$(realpath "${OUT:-$(mktemp -d)}")
mkdir -p "$OUT"
NS=fogate$$
declare -A PID
CAPTURES=() CLIENT=''

in_ns() { local n=$1; shift; ip netns exec "$NS-$n" "$@"; }
# address X NET: on the clients' link (0) or on the one between the servers (1).
address() { case $1 in a) echo "10.77.$2.$((2 - $2))";; b) echo "10.77.$2.$((3 - $2))";; esac; }
port() { case $1 in a) echo 647;; b) echo 847;; esac; }
other() { case $1 in a) echo b;; b) echo a;; esac; }
say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" | tee -a "$OUT/timeline.txt"; }

. "$PAIR"
for tool in ip ethtool tcpdump $(pair_needs); do
    command -v "$tool" > /dev/null || { echo "no $tool here" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "not root: network namespaces cannot be made" >&2; exit 2; }

# plug BRIDGE_NS BRIDGE PORT NS INTERFACE
plug() {
    ip -n "$NS-$1" link add "$3" type veth peer name "$5" netns "$NS-$4"
    ip -n "$NS-$1" link set "$3" master "$2" up
    ip -n "$NS-$4" link set "$5" up
    # Servers read from raw sockets: no partial checksums.
    in_ns "$4" ethtool -K "$5" tx off > /dev/null
    in_ns "$1" ethtool -K "$3" tx off > /dev/null
}
net_up() {
    for n in lan link a b; do ip netns add "$NS-$n"; ip -n "$NS-$n" link set lo up; done
    ip -n "$NS-lan" link add br0 type bridge
    ip -n "$NS-lan" addr add 10.77.0.1/24 dev br0
    ip -n "$NS-lan" link set br0 up
    in_ns lan ethtool -K br0 tx off > /dev/null
    ip -n "$NS-link" link add brfo type bridge
    ip -n "$NS-link" link set brfo up
    for x in a b; do
        plug lan br0 "p$x" $x eth0
        plug link brfo "l$x" $x fo0
        ip -n "$NS-$x" addr add "$(address $x 0)/24" dev eth0
        ip -n "$NS-$x" addr add "$(address $x 1)/24" dev fo0
    done
}
start() {
    local command
    mapfile -t command < <(pair_command "$1")
    ip netns exec "$NS-$1" "${command[@]}" >> "$OUT/$1.log" 2>&1 &
    PID[$1]=$!
}
stop() { # stop X SIGNAL
    local pid=${PID[$1]:-}
    [ -n "$pid" ] || return 0
    kill "-$2" "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    PID[$1]=''
}
captures_begin() {
    # The link between the servers is cut at b's port of the switch, so that this capture goes on.
    ip netns exec "$NS-a" tcpdump -q -U -Z root -s 0 -i fo0 -w "$OUT/link.pcap" tcp 2> "$OUT/link.log" & CAPTURES+=($!)
    ip netns exec "$NS-lan" tcpdump -q -U -Z root -s 0 -i br0 -w "$OUT/lan.pcap" 'udp port 67 or udp port 68' 2> "$OUT/lan.log" &
    CAPTURES+=($!)
    for _ in $(seq 50); do
        [ -s "$OUT/link.pcap" ] && [ -s "$OUT/lan.pcap" ] && return
        sleep 0.1
    done
    echo "the captures do not begin: $(cat "$OUT"/li*.log)" >&2
    exit 2
}
finish() {
    [ -z "$CLIENT" ] || { kill "$CLIENT" && wait "$CLIENT"; } 2> /dev/null || true
    for x in a b; do stop $x KILL; done
    for pid in "${CAPTURES[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
    CAPTURES=() CLIENT=''
    for n in lan link a b; do ip netns del "$NS-$n" 2> /dev/null || true; done
}
trap finish EXIT

# Clients behind the relay agent 10.77.0.1 obtain, renew and give back, all the time.
clients() {
    local does
    does() {
        ip netns exec "$NS-lan" "$DHCPFO" client "$@" --local 10.77.0.1:67 --server "$(address a 0):67" \
            --server "$(address b 0):67" --record "$OUT/leases.jsonl" --patience 1 --tries 3 >> "$OUT/clients.log" 2>&1 || true
    }
    while true; do
        does obtain --count $((CLIENTS / 2))
        sleep 2
        does obtain --count $((CLIENTS - CLIENTS / 2))
        sleep $((LEASE / 6))
        does renew
        sleep $((LEASE / 6))
        does release --count $((CLIENTS / 2))
        sleep 1
    done
}

fault() {
    local dead=b
    # Each server is the one that fails, by turns.
    [ $((ROUND % 2)) = 0 ] || dead=a
    case $1 in
    cut)
        say "the link between the servers is cut"
        ip -n "$NS-link" link set lb down
        sleep $((2 * DELAY + 3))
        say "the link is back"
        ip -n "$NS-link" link set lb up ;;
    kill)
        say "kill -9 of $dead"
        stop $dead KILL
        sleep $((DELAY + 4))
        say "$dead is started"
        start $dead ;;
    restart)
        say "$dead is stopped and started"
        stop $dead TERM
        sleep 1
        start $dead ;;
    partner-down)
        if [ "$(type -t pair_partner_down)" != function ]; then say "partner-down: this pair has no way to it"; return; fi
        say "kill -9 of $dead, and $(other $dead) is told PARTNER-DOWN"
        stop $dead KILL
        sleep $((DELAY + 2))
        pair_partner_down "$(other $dead)" >> "$OUT/timeline.txt" 2>&1 || say "PARTNER-DOWN was not taken"
        sleep $((MCLT + 5))
        say "$dead is started"
        start $dead
        # It recovers, and may have to wait for MCLT.
        sleep "$MCLT" ;;
    *)
        echo "fault $1: cut, kill, restart and partner-down are known" >&2
        exit 2 ;;
    esac
    sleep $((DELAY + 6))
}

net_up
for x in a b; do pair_configure $x; done
captures_begin
say "both servers are started"
start a
start b
sleep $((DELAY + 6))
END=$((SECONDS + DURATION)) ROUND=0
clients & CLIENT=$!
sleep $((DELAY + 6))
while [ $SECONDS -lt $END ]; do
    for one in $FAULTS; do
        [ $SECONDS -lt $END ] || break
        fault "$one"
    done
    ROUND=$((ROUND + 1))
done
say "the end"
finish

CODE=0
"$DHCPFO" audit "$OUT/link.pcap" "$OUT/lan.pcap" --json > "$OUT/audit.json" || true
"$DHCPFO" audit "$OUT/link.pcap" "$OUT/lan.pcap" --junit "$OUT/junit.xml" ${BASELINE:+--baseline "$BASELINE"} \
    ${GITHUB_ACTIONS:+--github} | tee "$OUT/audit.txt" || CODE=$?
echo "captures, logs and reports are in $OUT"
exit $CODE
