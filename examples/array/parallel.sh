#!/bin/sh
# A swarm in 8 parts with GNU parallel, on this host or on those of a login file: ./parallel.sh [--sshloginfile hosts]
# The result does not depend on the number of parts.
parallel "$@" --results part/{} \
    dhcpfo simulate scenarios/simulate/campus.toml --swarm --runs 10000 --failures 1000 --until 3d \
    --shard '{}/8' --jobs 1 --json --no-times ::: 1 2 3 4 5 6 7 8 > /dev/null
exec dhcpfo merge part/*/stdout
