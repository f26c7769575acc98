#!/bin/sh
# A swarm in 8 parts (or PARTS) with GNU parallel, on this host or on those of a login file:
# ./parallel.sh [--sshloginfile hosts] > whole.json. DHCPFO, FILE, RUNS and UNTIL say what is carried out, where that is
# not the default. The result does not depend on the number of parts, nor does the exit code: see dhcpfo simulate --help.
PARTS=${PARTS:-8} DHCPFO=${DHCPFO:-dhcpfo}
# What the parts print goes to part/1/stdout and so on. That a part fails is not an error: it has found something.
seq "$PARTS" | parallel "$@" --results part/{}/ \
    "$DHCPFO" simulate "${FILE:-scenarios/simulate/campus.toml}" --swarm --runs "${RUNS:-10000}" --failures 1000 \
    --until "${UNTIL:-3d}" --shard "{}/$PARTS" --jobs 1 --json --no-times > /dev/null
# By their numbers, since there may be parts of an earlier job.
exec "$DHCPFO" report merge $(seq --format "part/%.0f/stdout" "$PARTS")
