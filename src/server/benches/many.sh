#!/usr/bin/env bash
# 100,000 leases of a pair on loopback: memory, files, and how long a server takes to start with them.
#
#   src/server/benches/many.sh DIR [COUNT]          DHCPFO names the binary (target/release/dhcpfo)
#
# Needs no root. Uses the ports 28601, 28602, 28611 and 28612. Takes about two minutes.
set -euo pipefail
DHCPFO=$(realpath "${DHCPFO:-target/release/dhcpfo}")
COUNT=${2:-100000}
mkdir -p "$1"
cd "$1"
rm -f [ab].store* [ab].ctl [ab].log
declare -A ID=()
trap 'for id in "${ID[@]}"; do kill "$id" 2> /dev/null || true; done' EXIT

configure() { # configure NAME ROLE NUMBER OTHER
    cat > "$1.toml" << C
[listen]
addresses = ["127.0.0.1:2860$3"]
server-id = "127.0.0.$3"
reply = "source"
[store]
path = "$1.store"
[control]
socket = "$1.ctl"
[failover]
role = "$2"
name = "many"
address = "127.0.0.1:2861$3"
partner = "127.0.0.1:2861$4"
mclt = 31
receive-timer = 30
max-unacked = 64
startup = 2
retry = 1
[[subnet]]
network = "10.76.0.0/14"
pools = ["10.76.0.10-10.77.255.250"]
lease = 36000
C
}
status() { "$DHCPFO" ctl --socket "$1.ctl" --json status 2> /dev/null || true; }
start() { "$DHCPFO" serve "$1.toml" 2>> "$1.log" & ID[$1]=$!; }
end() { kill "$2" "${ID[$1]}"; wait "${ID[$1]}" 2> /dev/null || true; }
# both PATTERN: until both servers' status has it.
both() {
    for _ in $(seq 240); do
        [[ $(status a) =~ $1 && $(status b) =~ $1 ]] && return
        sleep 0.5
    done
    echo "no $1 after two minutes" >&2
    exit 1
}
memory() { awk '/VmHWM/ { printf "%d MiB at most\n", $2 / 1024 }' "/proc/${ID[$1]}/status"; }
rise() { # rise X HOW: until the control socket answers
    local begun
    begun=$(date +%s%N)
    start "$1"
    until [[ $(status "$1") == *'"state"'* ]]; do sleep 0.01; done
    echo "start of $1 $2: $((($(date +%s%N) - begun) / 1000000)) ms, $(memory "$1")"
}

configure a primary 1 2
configure b secondary 2 1
start a
start b
both '"state":"NORMAL"'
both '"updates-waiting":0'
"$DHCPFO" client --server 127.0.0.1:28601 --server 127.0.0.1:28602 --count "$COUNT" --json
both '"updates-waiting":0'
for x in a b; do echo "$x: $(memory $x), store $(stat -c %s $x.store) octets"; done
end b -9
rise b "after kill -9"
sleep 1
end b -TERM
rise b "after a clean end"
