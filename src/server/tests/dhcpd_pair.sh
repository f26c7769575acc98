#!/usr/bin/env bash
# A pair of this server and ISC dhcpd 4.4, in network namespaces, both ways round.
#
#   src/server/tests/dhcpd_pair.sh [primary|secondary]     which role is ours; without: both, one after the other
#
# Needs root, iproute2 and Debian's isc-dhcp-server; skips with a line on standard error where they are missing.
# DHCPFO names the binary (target/debug/dhcpfo). Nothing leaves the namespaces.
set -euo pipefail
cd "$(dirname "$0")/../../.."
DHCPFO=$(realpath "${DHCPFO:-target/debug/dhcpfo}")
PATH=$PATH:/usr/sbin
for tool in ip dhcpd; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool here; the pair with ISC dhcpd was not tested" >&2; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED: not root; the pair with ISC dhcpd was not tested" >&2; exit 0; }
NS=dhcpfo$$
RUN=$(mktemp -d)
OURS='' THEIRS=''

finish() {
    for pid in $OURS $THEIRS; do kill -KILL "$pid" 2> /dev/null || true; done
    for n in lan a b; do ip netns del $NS-$n 2> /dev/null || true; done
}
trap finish EXIT

fail() {
    echo "FAILED: $*" >&2
    tail -n 15 "$RUN"/*.log >&2 || true
    exit 1
}

net() {
    for n in lan a b; do ip netns add $NS-$n; ip -n $NS-$n link set lo up; done
    ip -n $NS-lan link add br0 type bridge
    ip -n $NS-lan addr add 10.77.0.1/24 dev br0
    ip -n $NS-lan link set br0 up
    for n in a b; do
        ip -n $NS-lan link add p$n type veth peer name eth0 netns $NS-$n
        ip -n $NS-lan link set p$n master br0 up
        ip -n $NS-$n link set eth0 up
        # dhcpd reads from a raw socket: no partial checksums.
        ip netns exec $NS-$n ethtool -K eth0 tx off > /dev/null 2>&1 || true
        ip netns exec $NS-lan ethtool -K p$n tx off > /dev/null 2>&1 || true
    done
    ip netns exec $NS-lan ethtool -K br0 tx off > /dev/null 2>&1 || true
    ip -n $NS-a addr add 10.77.0.2/24 dev eth0
    ip -n $NS-b addr add 10.77.0.3/24 dev eth0
}

# Ours is always in -a with 10.77.0.2, dhcpd in -b with 10.77.0.3.
configure() {
    local ours=$1 theirs=secondary extra='' mine=''
    if [ "$ours" = secondary ]; then
        theirs=primary extra="mclt 12; split 128;"
    fi
    cat > "$RUN/ours.toml" << E
[listen]
addresses = ["10.77.0.2:67"]
[store]
path = "ours.store"
[control]
socket = "ours.ctl"
[failover]
role = "$ours"
name = "fo"
address = "10.77.0.2:647"
partner = "10.77.0.3:847"
peer = "isc-dhcpd"
mclt = 12
receive-timer = 6
max-unacked = 10
startup = 5
retry = 1
$mine
[[subnet]]
network = "10.77.0.0/24"
pools = ["10.77.0.10-10.77.0.50"]
lease = 300
routers = ["10.77.0.1"]
E
    cat > "$RUN/dhcpd.conf" << E
authoritative;
ddns-update-style none;
default-lease-time 300;
max-lease-time 300;
min-lease-time 10;
ping-check false;
dhcp-cache-threshold 0;
failover peer "fo" {
  $theirs;
  address 10.77.0.3; port 847;
  peer address 10.77.0.2; peer port 647;
  max-response-delay 6; max-unacked-updates 10; load balance max seconds 3;
  $extra
}
subnet 10.77.0.0 netmask 255.255.255.0 {
  option routers 10.77.0.1;
  pool { failover peer "fo"; range 10.77.0.10 10.77.0.50; }
}
E
    : > "$RUN/dhcpd.leases"
}

start_ours() {
    DHCPFO_LOG=${DHCPFO_LOG:-info} ip netns exec $NS-a "$DHCPFO" serve "$RUN/ours.toml" --trace "$RUN/trace.$(date +%s%N)" 2>> "$RUN/ours.log" &
    OURS=$!
}
start_theirs() {
    ip netns exec $NS-b dhcpd -4 -f -d --no-pid -cf "$RUN/dhcpd.conf" -lf "$RUN/dhcpd.leases" eth0 2>> "$RUN/dhcpd.log" &
    THEIRS=$!
}
status() { "$DHCPFO" ctl --socket "$RUN/ours.ctl" --json status 2> /dev/null; }
# wait_for WHAT SECONDS TEXT: until our status has it.
wait_for() {
    for _ in $(seq $(($2 * 5))); do
        status | grep -q "$3" && return 0
        sleep 0.2
    done
    fail "$1: not within $2 s: $(status)"
}
normal() {
    wait_for "$1" 60 '"state":"NORMAL","since":[0-9]*,"phase":"running"'
    wait_for "$1 (partner)" 30 '"communications":"ok","state":"NORMAL"'
    wait_for "$1 (all told)" 30 '"updates-waiting":0'
}
client() {
    ip netns exec $NS-lan "$DHCPFO" client --local 10.77.0.1:67 --server 10.77.0.2:67 --server 10.77.0.3:67 \
        --record "$RUN/leases.jsonl" --json "$@"
}
# good WHAT ARGUMENTS: the clients' own record has nothing against it.
good() {
    local what=$1; shift
    local said; said=$(client "$@" || true)
    echo "    $what: $said"
    echo "$said" | grep -q '"lost":0,"unanswered":0.*"duplicates":\[\]' || fail "$what: $said"
}

pair() {
    echo "ours is $1"
    net
    configure "$1"
    start_ours
    start_theirs
    normal "first start"
    good "12 clients obtain" --count 12
    sleep 2
    good "they renew" renew
    sleep 3
    wait_for "everything told" 10 '"updates-waiting":0'
    grep -c 'binding state active' "$RUN/dhcpd.leases" | sed 's/^/    ACTIVE in the lease file of dhcpd (lines): /'
    kill -KILL $OURS; wait $OURS 2> /dev/null || true
    good "ours is killed: 3 clients obtain from dhcpd" --count 3
    start_ours
    normal "ours comes back"
    good "all renew" renew
    kill -KILL $THEIRS; wait $THEIRS 2> /dev/null || true
    wait_for "dhcpd is killed" 30 '"state":"COMMUNICATIONS-INTERRUPTED"'
    good "dhcpd is killed: 3 clients obtain from ours" --count 3
    start_theirs
    normal "dhcpd comes back"
    sleep 1.2
    good "all renew" renew
    sleep 2
    echo "    $(client release || true)"
    sleep 4
    wait_for "given back" 20 '"ACTIVE":0'
    finish
    OURS='' THEIRS=''
    rm -f "$RUN"/*.store* "$RUN"/leases.jsonl
    echo "ours as $1: as it should be"
}

for role in ${1:-primary secondary}; do pair "$role"; done
