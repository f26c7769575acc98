#!/usr/bin/env bash
# Two real Kea servers do what the search has found, step by step, and an ordinary day of theirs is followed by the model.
#
#   src/protocols/kea-ha/tests/pair.sh [NAME]...     without: the five shortest, twice each, and the days
#   src/protocols/kea-ha/tests/pair.sh all           every one (`kea_pair.py list`), twice each, and the days
#
# Needs root, iproute2, ethtool, tcpdump, Python 3.11 and Debian's kea-dhcp4-server; says SKIPPED on standard error where they are
# missing. DHCPFO names the binary (target/debug/dhcpfo). KEEP=FOLDER keeps what was written down. Five pairs run at a time; the
# five shortest take about a minute.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/../../../.."
DHCPFO=$(realpath "${DHCPFO:-target/debug/dhcpfo}")
export DHCPFO PYTHONDONTWRITEBYTECODE=1
PATH=$PATH:/usr/sbin:/sbin
for tool in ip ethtool tcpdump python3; do
    command -v $tool > /dev/null || { echo "SKIPPED: no $tool here; pairs of Kea were not tested" >&2; exit 0; }
done
[ -x /usr/sbin/kea-dhcp4 ] || { echo "SKIPPED: no /usr/sbin/kea-dhcp4 here; pairs of Kea were not tested" >&2; exit 0; }
python3 -c 'import tomllib' 2> /dev/null || { echo "SKIPPED: Python is older than 3.11; pairs of Kea were not tested" >&2; exit 0; }
[ "$(id -u)" = 0 ] || { echo "SKIPPED: not root; pairs of Kea were not tested" >&2; exit 0; }
ip netns add "kea$$" 2> /dev/null || { echo "SKIPPED: no network namespaces here; pairs of Kea were not tested" >&2; exit 0; }
ip netns del "kea$$"

AT_ONCE=5 DAYS=
[ $# -gt 0 ] || { set -- n07 k09 k04 k05b n06; DAYS="day day-lb"; }
[ "$*" != all ] || { set -- $(python3 "$HERE/kea_pair.py" list | awk '$1 !~ /^day/ { print $1 }'); DAYS="day day-lb"; }
RUN=${KEEP:-$(mktemp -d)}
PIDS=() NAMES=() FAILED=0
finish() {
    # What was started here and still runs is told to end, and takes its namespaces away.
    for pid in "${PIDS[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
    wait
    [ -n "${KEEP:-}" ] || rm -rf "$RUN"
}
trap finish EXIT

# Waits for the oldest, and says what it said.
oldest() {
    wait "${PIDS[0]}" || FAILED=1
    cat "$RUN/${NAMES[0]}.txt"
    PIDS=("${PIDS[@]:1}") NAMES=("${NAMES[@]:1}")
}
begin() { # begin NAME RUN
    [ ${#PIDS[@]} -lt $AT_ONCE ] || oldest
    python3 "$HERE/kea_pair.py" "$1" "$RUN/$1-$2" > "$RUN/$1-$2.txt" 2>&1 &
    PIDS+=($!) NAMES+=("$1-$2")
}
for name in "$@" $DAYS; do begin "$name" 1; done
for name in "$@"; do begin "$name" 2; done
while [ ${#PIDS[@]} -gt 0 ]; do oldest; done
[ $FAILED = 0 ] || { echo "FAILED: a pair of Kea is not as the model says, or the other way round" >&2; exit 1; }
echo "pairs of Kea: as the model says, $SECONDS s"
