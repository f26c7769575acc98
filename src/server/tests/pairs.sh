#!/usr/bin/env bash
# Pairs in network namespaces: this server with itself, and with ISC dhcpd 4.4 in either role.
#
#   src/server/tests/pairs.sh [ours-ours|ours-dhcpd|dhcpd-ours]...     primary first; without: all three, at a time
#
# Needs root, iproute2, ethtool, and Debian's isc-dhcp-server, isc-dhcp-client and tshark; says SKIPPED on standard error
# where they are missing. DHCPFO names the binary (target/debug/dhcpfo). Takes about three minutes.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/../../.."
DHCPFO=$(realpath "${DHCPFO:-target/debug/dhcpfo}")
PATH=$PATH:/usr/sbin:/sbin
for tool in ip ethtool dhcpd omshell dhclient tshark dumpcap; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool here; pairs with ISC dhcpd were not tested" >&2; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED: not root; pairs with ISC dhcpd were not tested" >&2; exit 0; }
ip netns add "dhcpfo$$" 2> /dev/null || { echo "SKIPPED: no network namespaces here; pairs were not tested" >&2; exit 0; }
ip netns del "dhcpfo$$"

# Several pairs: each in a process of its own, and what they say one after the other.
[ $# -gt 0 ] || set -- ours-ours ours-dhcpd dhcpd-ours
if [ $# -gt 1 ]; then
    SAID=$(mktemp -d) FAILED=0
    for pair in "$@"; do "$HERE/pairs.sh" "$pair" > "$SAID/$pair" 2>&1 & echo $! > "$SAID/$pair.pid"; done
    for pair in "$@"; do
        wait "$(cat "$SAID/$pair.pid")" || FAILED=1
        cat "$SAID/$pair"
    done
    rm -rf "$SAID"
    exit $FAILED
fi

. "$HERE/pairs_lib.sh"
NS=dhcpfo$$
RUN=$(mktemp -d)
KEEP=${KEEP:-} STEP='' HELD=0 HARDWARE=''
KIND[a]=${1%-*} KIND[b]=${1#*-}
finish() {
    for x in a b; do stop $x KILL; done
    captures_end
    [ ! -f "$RUN/dhclient.pid" ] || kill "$(cat "$RUN/dhclient.pid")" 2> /dev/null || true
    net_down
    [ -n "$KEEP" ] || rm -rf "$RUN"
}
trap finish EXIT

step() { STEP=$1; printf '  %-62s' "$1"; }
said() { echo "${*:-ok}"; }

# client ARGUMENTS: many clients behind the relay agent 10.77.0.1, with a record of their own; what came of it.
client() {
    in_ns lan "$DHCPFO" client --local 10.77.0.1:67 --server 10.77.0.2:67 --server 10.77.0.3:67 \
        --record "$RUN/leases.jsonl" --json "$@" > "$RUN/client.json" || true
    HELD=$(number held)
    grep -q '"duplicates":\[\]' "$RUN/client.json" || fail "$STEP: $(cat "$RUN/client.json")"
    grep -q '"lost":0' "$RUN/client.json" || fail "$STEP: $(cat "$RUN/client.json")"
}
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$RUN/client.json"; }
# Every client gets what it asks for.
good() {
    client "$@"
    [ "$(number unanswered)-$(number refused)" = 0-0 ] || fail "$STEP: $(cat "$RUN/client.json")"
}
# The latest answers were leases of the full length, but for N that may be shorter.
full() {
    local short
    short=$(grep '"event":"ack"' "$RUN/leases.jsonl" | tail -n "$HELD" \
        | sed 's/.*"at-ms":\([0-9]*\).*"until-ms":\([0-9]*\).*/\1 \2/' | awk -v full=$LEASE '$2 - $1 < (full - 2) * 1000' | wc -l)
    [ "$short" -le "${1:-0}" ] || fail "$STEP: $short of $HELD leases are not as long as configured"
}

# Not in the second in which clients were answered. A dhcpd acknowledges late: what it tells of a release while our renewal
# of that second is not acknowledged is refused as outdated, and dhcpd does not repeat it. The lease then stays until its end
# at both, and nobody else is given the address (known, see CHANGELOG.md). Between two of ours such a release is accepted, and
# that is tried.
later() { [ "${KIND[a]}-${KIND[b]}" = ours-ours ] || sleep 1; }

first_start() {
    step "first start to NORMAL"
    start a
    start b
    normal
    # The pool is shared out first: an address that is handed over after it was offered is refused when asked for.
    shared_out
    said
}

leases() {
    step "12 clients obtain"
    good --count 12
    same_leases
    said
    step "they renew: the lease is as long as configured"
    sleep 1
    good renew
    full
    same_leases
    said
    step "3 give back in the second in which they renewed, 1 declines"
    good renew
    later
    good release --count 3
    same_leases
    good decline --count 1
    same_leases
    said "ok, $HELD leases"
    step "dhclient obtains, and gives back"
    cat > "$RUN/dhclient-script" << 'E'
#!/bin/sh
case $reason in
PREINIT) ip link set "$interface" up ;;
BOUND | RENEW | REBIND | REBOOT) ip addr replace "$new_ip_address/24" dev "$interface" ;;
EXPIRE | FAIL | RELEASE | STOP) ip addr flush dev "$interface" ;;
esac
E
    chmod +x "$RUN/dhclient-script"
    : > "$RUN/dhclient.leases"
    dhclient_does -1
    same_leases $((HELD + 1))
    HARDWARE=$(ip -n "$NS-c" -br link show eth0 | awk '{ print $3 }')
    dhclient_does -r
    same_leases
    said
}
dhclient_does() {
    in_ns c timeout 30 dhclient -4 "$1" -v -cf /dev/null -sf "$RUN/dhclient-script" -lf "$RUN/dhclient.leases" \
        -pf "$RUN/dhclient.pid" eth0 > "$RUN/dhclient.log" 2>&1 || fail "$STEP: $(cat "$RUN/dhclient.log")"
}

cut() {
    step "the link is cut: 4 obtain; it returns: both know of them"
    link_cut
    interrupted a
    interrupted b
    good --count 4
    link_restore
    normal
    # New leases are as long as MCLT: if the link takes its time, some have ended.
    good renew
    same_leases
    said
}

killed() { # killed X
    step "kill -9 of $1 (${KIND[$1]}): 3 obtain from the other; it returns"
    stop "$1" KILL
    interrupted "$(other "$1")"
    good --count 3
    start "$1"
    normal
    good renew
    same_leases
    said
}

partner_is_down() { # partner_is_down SURVIVOR
    local dead; dead=$(other "$1")
    step "$1 (${KIND[$1]}) in PARTNER-DOWN gives its own addresses"
    later
    client release
    same_leases 0
    sleep 2
    stop "$dead" KILL
    interrupted "$1"
    partner_down "$1"
    local since=$SECONDS
    client --count 45 --patience 0.3 --tries 2
    local own=$HELD
    [ "$own" -ge 10 ] && [ "$own" -le 35 ] || fail "$STEP: $own leases before MCLT"
    said "ok, $own of 41"
    step "MCLT later those of the partner, too"
    # The first leases are as long as MCLT: they are renewed before they end.
    sleep $((MCLT / 2))
    good renew
    while [ $((SECONDS - since)) -le $((MCLT + 1)) ]; do sleep 0.2; done
    good --count 3
    [ "$HELD" -ge $((own + 3)) ] || fail "$STEP: $HELD leases"
    said
    step "$dead (${KIND[$dead]}) returns through RECOVER"
    start "$dead"
    normal
    was "$dead" RECOVER || fail "$STEP: without RECOVER"
    # Leases of PARTNER-DOWN are as long as MCLT, and so is RECOVER-WAIT: some have ended. A server that is asked for
    # everything ends them MCLT later (Q78), which is as long as a new lease lives: first that, then new ones.
    good renew
    [ "${KIND[$dead]}" = ours ] || resting "$1"
    same_leases
    good --count 3
    same_leases
    said "ok$([ -z "$RESTING" ] || echo ", $(echo "$RESTING" | wc -l) addresses rest")"
}
# A dhcpd that returns asks X for everything. X ends what the dhcpd had told of itself only MCLT after the latest end that the
# dhcpd may have given, of which it has lost the memory as far as X can know (Q78): with the potential-expiration-times of a
# dhcpd, minutes after the lease. There are such leases when both had ended them and neither took the other's word: a dhcpd
# tells an end up to a second before it has come (its ends are whole seconds), which is refused, and refuses ours as less
# critical while its own is on its way. Nobody is given these addresses; the clients' record says whether one held them.
resting() { # resting X
    RESTING=$(ctl "$1" bindings --all | tr '{' '\n' | grep '"status":"ACTIVE"' | grep -v '"received-potential-expiration":null' \
        | sed 's/.*"address":"\([0-9.]*\)".*/\1/' | sort -u)
    RESTING=$(comm -13 <(held) <(echo "$RESTING"))
}

emptied() { # emptied X
    step "empty store of $1 (${KIND[$1]}): everything comes from the partner"
    stop "$1" KILL
    interrupted "$(other "$1")"
    forget "$1"
    start "$1"
    normal
    was "$1" RECOVER || fail "$STEP: without RECOVER"
    good renew
    same_leases
    said
}

conflict() {
    step "both serve, a in PARTNER-DOWN: POTENTIAL-CONFLICT, then NORMAL"
    later
    client release
    same_leases 0
    link_cut
    interrupted a
    interrupted b
    partner_down a
    good --count 8
    link_restore
    for x in a b; do
        for _ in $(seq 150); do was $x POTENTIAL-CONFLICT && break; sleep 0.2; done
        was $x POTENTIAL-CONFLICT || fail "$STEP: $x was not in POTENTIAL-CONFLICT"
    done
    normal
    good renew
    same_leases
    said
}

# Wireshark has nothing against what this server has sent. (Warnings about TCP are of kills and cuts.)
dissected() {
    step "tshark has no warning about our frames"
    local x frames complaints
    for x in a b; do
        [ "${KIND[$x]}" = ours ] || continue
        for look in "link 1 dhcpfo" "lan 0 dhcp"; do
            set -- $look
            frames=$(tshark -r "$RUN/$1.pcapng" -d tcp.port==847,dhcpfo -Y "$3 && ip.src == $(address $x "$2")" \
                -T fields -E separator=/t -e frame.number -e _ws.expert.severity -e _ws.expert.message 2> "$RUN/tshark.log")
            [ "$(echo "$frames" | wc -l)" -ge 20 ] || fail "$STEP: hardly any $3 from $x"
            complaints=$(echo "$frames" | awk -F '\t' '
                { n = split($2, s, ","); for (i = 1; i <= n; i++) if (s[i] >= 6291456) { print; next } }' \
                | grep -vE 'TCP|Connection (reset|finish|establish)|segment|ACKed|window|retransmission' || true)
            [ -z "$complaints" ] || fail "$STEP: $complaints"
        done
    done
    said
    [ "${KIND[a]}-${KIND[b]}" = ours-ours ] || return 0
    step "dhclient is answered at its hardware address, not by broadcast"
    frames=$(tshark -r "$RUN/lan.pcapng" -Y "dhcp.option.dhcp == 5 && dhcp.hw.mac_addr == $HARDWARE" \
        -T fields -e eth.dst 2> "$RUN/tshark.log")
    [ -n "$frames" ] && [ -z "$(echo "$frames" | grep -v "$HARDWARE")" ] || fail "$STEP: DHCPACK to ${frames:-nobody}"
    said
}

# What a server did is what the engine does with the same inputs.
traced() {
    step "each step of our traces is possible, and each effect the same"
    "$DHCPFO" play "$RUN"/[ab].*.jsonl > "$RUN/traced.txt" 2>&1 || { cat "$RUN/traced.txt" >&2; fail "$STEP"; }
    said "$(wc -l < "$RUN/traced.txt") traces, $(sed 's/.* \([0-9]*\) steps.*/\1/' "$RUN/traced.txt" | awk '{ n += $1 } END { print n }') steps"
}

# Between two of ours nothing is violated. What is found with a dhcpd has to be of what the dhcpd did.
audited() {
    step "dhcpfo audit of the captures"
    local code=0 profile=draft findings all
    [ "${KIND[a]}-${KIND[b]}" = ours-ours ] || profile=isc-dhcpd
    "$DHCPFO" audit --profile $profile "$RUN/link.pcapng" "$RUN/lan.pcapng" > "$RUN/audit.txt" 2>&1 || code=$?
    if [ $code = 0 ]; then said "nothing violated"; return; fi
    # The line after each finding says who did what.
    all=$(sed -n '/ violated [a-z-]* (/{n;p}' "$RUN/audit.txt")
    # That a was told PARTNER-DOWN beside b was the step "conflict".
    all=$(echo "$all" | grep -v "the primary answers clients in PARTNER-DOWN" || true)
    findings=$all
    [ "${KIND[a]}" = ours ] || findings=$(echo "$findings" | grep -vE "the primary (offered|answered|gave|made|told|stays|went)|10.77.1.1 (has|.primary.)" || true)
    [ "${KIND[b]}" = ours ] || findings=$(echo "$findings" | grep -vE "the secondary (offered|answered|gave|made|told|stays|went)|10.77.1.2 (has|.secondary.)" || true)
    [ $code = 1 ] && [ -z "$findings" ] || { cat "$RUN/audit.txt" >&2; fail "$STEP: exit code $code: $findings"; }
    said "of ours nothing; of dhcpd $(echo "$all" | wc -l) or more: $(echo "$all" | sed 's/[0-9]* BNDUPDs/BNDUPDs/; s/^ *[0-9.]*: //' | sort | uniq -c | sort -rn | head -n 1)"
}

echo "$1"
net_up
for x in a b; do configure_"${KIND[$x]}" $x; done
captures_begin
first_start
leases
cut
killed b
killed a
emptied b
emptied a
partner_is_down a
partner_is_down b
conflict
captures_end
dissected
traced
audited
echo "$1: as it should be, $SECONDS s"
