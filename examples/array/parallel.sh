#!/bin/sh
# A swarm in 8 parts (or PARTS) with GNU parallel, on this host or on those of a login file:
# ./parallel.sh [--sshloginfile hosts]. DHCPFO, FILE and RUNS say what is carried out, where that is not the default.
# The result does not depend on the number of parts.
PARTS=${PARTS:-8} DHCPFO=${DHCPFO:-dhcpfo}
seq "$PARTS" | parallel "$@" --results part/{} \
    "$DHCPFO" simulate "${FILE:-scenarios/simulate/campus.toml}" --swarm --runs "${RUNS:-10000}" --failures 1000 --until 3d \
    --shard "{}/$PARTS" --jobs 1 --json --no-times > /dev/null
exec "$DHCPFO" report merge part/*/stdout
