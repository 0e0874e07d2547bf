#!/bin/sh
# netem beside Sennit under Debian's own kernel, in an emulated machine: prints one table (bench/compare_netem.py).
# Without KVM that machine is slow and its clocks are rough: shares are exact, delays right to a millisecond or so.
#   SENNIT=build/debug/src/sennit scripts/compare_netem.sh [--only TEXT]
set -eu
cd "$(dirname "$0")/.."
: "${SENNIT:?names the program to compare}"
SENNIT=$(realpath "$SENNIT") exec tests/vm/debian-kernel-run --timeout 3000 -- /usr/bin/python3 -B bench/compare_netem.py "$@"
