# A pair in network namespaces: a is the primary, b the secondary, each of them `ours` or `dhcpd` (KIND[a], KIND[b]).
# Sourced by pairs.sh; starts nothing by itself. Nothing leaves the namespaces.
#
#   $NS-lan   bridge br0, relay agent 10.77.0.1   10.77.0.0/24   a 10.77.0.2, b 10.77.0.3, c (dhclient) no address
#   $NS-link  bridge brfo, the servers' cable     10.77.1.0/24   a 10.77.1.1:647, b 10.77.1.2:847
declare -A KIND PID FROM
CAPTURES=() BACKGROUND=()
MCLT=12 LEASE=300
# Addresses that both have as ACTIVE though no client holds them.
RESTING=''

fail() {
    echo "FAILED: $*" >&2
    for x in a b; do echo "--- $x (${KIND[$x]})"; tail -n 25 "$RUN/$x.log"; done >&2 || true
    echo "--- what was said and done is in $RUN" >&2
    KEEP=1
    exit 1
}

in_ns() { local n=$1; shift; ip netns exec "$NS-$n" "$@"; }
address() { case $1 in a) echo "10.77.$2.$((2 - $2))";; b) echo "10.77.$2.$((3 - $2))";; esac; }
port() { case $1 in a) echo 647;; b) echo 847;; esac; }
other() { case $1 in a) echo b;; b) echo a;; esac; }

# plug BRIDGE_NS BRIDGE PORT NS INTERFACE
plug() {
    ip -n "$NS-$1" link add "$3" type veth peer name "$5" netns "$NS-$4"
    ip -n "$NS-$1" link set "$3" master "$2" up
    ip -n "$NS-$4" link set "$5" up
    # dhcpd and dhclient read from raw sockets: no partial checksums.
    in_ns "$4" ethtool -K "$5" tx off > /dev/null
    in_ns "$1" ethtool -K "$3" tx off > /dev/null
}

net_up() {
    for n in lan link a b c; do ip netns add "$NS-$n"; ip -n "$NS-$n" link set lo up; done
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
    plug lan br0 pc c eth0
}
net_down() { for n in lan link a b c; do ip netns del "$NS-$n" 2> /dev/null || true; done; }

# The cut is at b's port of the switch: the capture at a goes on.
link_cut() { ip -n "$NS-link" link set lb down; }
link_restore() { ip -n "$NS-link" link set lb up; }

captures_begin() {
    ip netns exec "$NS-a" dumpcap -q -i fo0 -f tcp -w "$RUN/link.pcapng" 2> /dev/null & CAPTURES+=($!)
    ip netns exec "$NS-lan" dumpcap -q -i br0 -f 'udp port 67 or udp port 68' -w "$RUN/lan.pcapng" 2> /dev/null & CAPTURES+=($!)
    for _ in $(seq 50); do
        [ -s "$RUN/link.pcapng" ] && [ -s "$RUN/lan.pcapng" ] && return
        sleep 0.1
    done
    fail "the captures do not begin"
}
captures_end() {
    sleep 0.5
    for pid in "${CAPTURES[@]}"; do kill -TERM "$pid" 2> /dev/null || true; wait "$pid" 2> /dev/null || true; done
    CAPTURES=()
}

configure_ours() {
    local x=$1 role=secondary peer=draft
    [ "$x" = b ] || role=primary
    [ "${KIND[$(other $x)]}" = ours ] || peer=isc-dhcpd
    cat > "$RUN/$x.toml" << E
[listen]
interfaces = ["eth0"]
server-id = "$(address $x 0)"
[store]
path = "$x.store"
[control]
socket = "$x.ctl"
[failover]
role = "$role"
name = "fo"
address = "$(address $x 1):$(port $x)"
partner = "$(address "$(other $x)" 1):$(port "$(other $x)")"
peer = "$peer"
mclt = $MCLT
receive-timer = 6
max-unacked = 10
startup = 3
retry = 1
[[subnet]]
network = "10.77.0.0/24"
pools = ["10.77.0.10-10.77.0.50"]
lease = $LEASE
routers = ["10.77.0.1"]
E
}

configure_dhcpd() {
    local x=$1 role='secondary;'
    [ "$x" = b ] || role="primary; mclt $MCLT; split 128;"
    cat > "$RUN/$x.conf" << E
authoritative;
ddns-update-style none;
omapi-port 7911;
default-lease-time $LEASE;
max-lease-time $LEASE;
min-lease-time 10;
ping-check false;
dhcp-cache-threshold 0;
failover peer "fo" {
  $role
  address $(address $x 1); port $(port $x);
  peer address $(address "$(other $x)" 1); peer port $(port "$(other $x)");
  max-response-delay 6; max-unacked-updates 10; load balance max seconds 3;
}
subnet 10.77.1.0 netmask 255.255.255.0 { }
subnet 10.77.0.0 netmask 255.255.255.0 {
  option routers 10.77.0.1;
  pool { failover peer "fo"; range 10.77.0.10 10.77.0.50; }
}
E
    : > "$RUN/$x.leases"
}

# Not by `in_ns`: the process that is started has to be the one whose number is kept.
start() {
    local x=$1
    touch "$RUN/$x.log"
    FROM[$x]=$(($(wc -l < "$RUN/$x.log") + 1))
    if [ "${KIND[$x]}" = ours ]; then
        local trace="$RUN/$x.$(date +%s%N).jsonl"
        DHCPFO_LOG=${DHCPFO_LOG:-info} ip netns exec "$NS-$x" "$DHCPFO" serve "$RUN/$x.toml" --trace "$trace" 2>> "$RUN/$x.log" &
    else
        ip netns exec "$NS-$x" dhcpd -4 -f -d --no-pid -cf "$RUN/$x.conf" -lf "$RUN/$x.leases" eth0 2>> "$RUN/$x.log" &
    fi
    PID[$x]=$!
    disown $!
}
stop() { # stop X SIGNAL
    local pid=${PID[$1]:-}
    [ -n "$pid" ] || return 0
    kill "-$2" "$pid" 2> /dev/null || true
    while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
    PID[$1]=''
}
# Everything that this server knew is gone.
forget() {
    if [ "${KIND[$1]}" = ours ]; then rm -f "$RUN/$1.store"; else : > "$RUN/$1.leases"; rm -f "$RUN/$1.leases~"; fi
}

ctl() { local x=$1; shift; "$DHCPFO" ctl --socket "$RUN/$x.ctl" --json "$@" 2> /dev/null; }
# Where the server is since it was started: NORMAL, PARTNER-DOWN, …
state() {
    if [ "${KIND[$1]}" = ours ]; then
        ctl "$1" status | sed -n 's/.*"state":"\([A-Z-]*\)","since":[0-9a-z]*,"phase":"running".*/\1/p'
    else
        tail -n "+${FROM[$1]}" "$RUN/$1.log" | sed -n 's/.*I move from [a-z-]* to \([a-z-]*\).*/\1/p' | tail -n 1 | tr a-z A-Z
    fi
}
# Whether it has been there since it was started.
was() {
    tail -n "+${FROM[$1]}" "$RUN/$1.log" | sed 's/\x1b\[[0-9;]*m//g' | grep -qiE "to=\"?$2|I move from [a-z-]* to $2( |$)"
}
# until_state X STATE SECONDS
until_state() {
    for _ in $(seq $(($3 * 5))); do
        [ "$(state "$1")" = "$2" ] && return 0
        sleep 0.2
    done
    fail "$STEP: $1 is not in $2 within $3 s, but in $(state "$1")"
}
normal() { for x in a b; do until_state $x NORMAL 60; done; }
interrupted() { until_state "$1" COMMUNICATIONS-INTERRUPTED 30; }

partner_down() {
    if [ "${KIND[$1]}" = ours ]; then
        # Without --yes it only says what would come of it.
        if ctl "$1" partner-down > /dev/null; then fail "PARTNER-DOWN without --yes"; fi
        ctl "$1" partner-down --yes > /dev/null || fail "PARTNER-DOWN is refused"
    else
        { printf 'server 127.0.0.1\nport 7911\nconnect\nnew failover-state\nset name = "fo"\nopen\n'
          printf 'set local-state = 4\nupdate\n'; sleep 0.3; } | in_ns "$1" timeout 5 omshell > /dev/null
    fi
    until_state "$1" PARTNER-DOWN 5
}

# having X STATUS: the addresses of this status, as the server has it.
having() {
    if [ "${KIND[$1]}" = ours ]; then
        ctl "$1" bindings --all | tr '{' '\n' | grep "\"status\":\"$2\"" | sed 's/.*"address":"\([0-9.]*\)".*/\1/' | sort -u
    else
        awk -v wanted="${2,,};" '
            $1 == "lease" { a = $2 } $1 == "binding" { s[a] = $3 } END { for (a in s) if (s[a] == wanted) print a }' \
            "$RUN/$1.leases" | sort -u
    fi
}
active() { having "$1" ACTIVE; }
# The secondary has its share of 41 addresses, and both know which.
shared_out() {
    for _ in $(seq 75); do
        [ "$(having a BACKUP)" = "$(having b BACKUP)" ] && [ "$(having a BACKUP | grep -c .)" -ge 15 ] && return
        sleep 0.2
    done
    fail "$STEP: BACKUP at a: $(having a BACKUP | tr '\n' ' '), at b: $(having b BACKUP | tr '\n' ' ')"
}
# The addresses that clients hold now, by their own record.
held() {
    [ -s "$RUN/leases.jsonl" ] || return 0
    awk -v now="$(date +%s%3N)" '
        function field(name) { match($0, "\"" name "\":\"?[a-z0-9.]+"); x = substr($0, RSTART, RLENGTH); sub(/^"[a-z-]*":"?/, "", x); return x }
        { address = field("address"); client = field("client") }
        field("event") == "end" && holder[address] == client { delete holder[address] }
        field("event") == "ack" {
            if (client in has && has[client] != address && holder[has[client]] == client) delete holder[has[client]]
            has[client] = address; holder[address] = client; until[address] = field("until-ms")
        }
        END { for (address in holder) if (holder[address] != "" && until[address] + 0 > now + 0) print address }' "$RUN/leases.jsonl" | sort
}
# Both know of the same leases, those that clients hold are among them, and there are that many (without a number: as many as
# clients hold), but for those of RESTING that no client holds.
same_leases() {
    local n=${1:-} both holds spare
    for _ in $(seq 100); do
        both=$(active a) holds=$(held)
        spare=$(comm -13 <(echo "$holds") <(echo "$RESTING"))
        [ "$both" = "$(active b)" ] && [ -z "$(comm -23 <(echo "$holds") <(echo "$both"))" ] \
            && [ "$(comm -23 <(echo "$both") <(echo "$spare") | grep -c .)" = "${n:-$HELD}" ] && return
        sleep 0.2
    done
    fail "$STEP: leases of a: $(active a | tr '\n' ' '), of b: $(active b | tr '\n' ' '), held: $(held | tr '\n' ' '), expected ${n:-$HELD}"
}
