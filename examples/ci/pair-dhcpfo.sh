# Two of our own servers for audit-pair.sh: what a pair looks like in which nothing is violated. See pair-dhcpd.sh.

pair_needs() { :; }

pair_configure() {
    local x=$1 role=secondary
    [ "$x" = b ] || role=primary
    cat > "$OUT/$x.toml" << END
[listen]
interfaces = ["eth0"]
server-id = "$(address "$x" 0)"
[store]
path = "$x.store"
[control]
socket = "$x.ctl"
[failover]
role = "$role"
name = "fo"
address = "$(address "$x" 1):$(port "$x")"
partner = "$(address "$(other "$x")" 1):$(port "$(other "$x")")"
mclt = $MCLT
receive-timer = $DELAY
max-unacked = 10
startup = 3
retry = 1
[[subnet]]
network = "10.77.0.0/24"
pools = ["10.77.0.10-10.77.0.50"]
lease = $LEASE
routers = ["10.77.0.1"]
END
}

pair_command() { printf '%s\n' "$DHCPFO" serve "$OUT/$1.toml"; }

pair_partner_down() { "$DHCPFO" ctl --socket "$OUT/$1.ctl" partner-down --yes; }
