# Two ISC dhcpd 4.4 for audit-pair.sh. Write one like it for another server. Sourced; has at hand: $OUT, $MCLT, $LEASE,
# $DELAY, address X NET, port X, other X, in_ns X COMMAND.

# What has to be installed.
pair_needs() { echo dhcpd omshell; }

# Writes the configuration of X.
pair_configure() {
    local x=$1 role='secondary;'
    [ "$x" = b ] || role="primary; mclt $MCLT; split 128;"
    cat > "$OUT/$x.conf" << END
authoritative;
ddns-update-style none;
omapi-port 7911;
default-lease-time $LEASE;
max-lease-time $LEASE;
min-lease-time 10;
ping-check false;
failover peer "fo" {
  $role
  address $(address "$x" 1); port $(port "$x");
  peer address $(address "$(other "$x")" 1); peer port $(port "$(other "$x")");
  max-response-delay $DELAY; max-unacked-updates 10; load balance max seconds 3;
}
subnet 10.77.1.0 netmask 255.255.255.0 { }
subnet 10.77.0.0 netmask 255.255.255.0 {
  option routers 10.77.0.1;
  pool { failover peer "fo"; range 10.77.0.10 10.77.0.50; }
}
END
    : > "$OUT/$x.leases"
}

# The command that runs X in the foreground, one word a line.
pair_command() {
    printf '%s\n' dhcpd -4 -f -d --no-pid -cf "$OUT/$1.conf" -lf "$OUT/$1.leases" eth0
}

# Tells X that its partner is down.
pair_partner_down() {
    { printf 'server 127.0.0.1\nport 7911\nconnect\nnew failover-state\nset name = "fo"\nopen\n'
      printf 'set local-state = 4\nupdate\n'; sleep 0.3; } | in_ns "$1" timeout 5 omshell > /dev/null
}
