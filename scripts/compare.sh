#!/bin/sh
# Sennit over several unequal access lines beside its best line alone and the kernel's MPTCP, as one table; builds what it needs.
#   sudo scripts/compare.sh                                                              everything, about an hour
#   sudo scripts/compare.sh --only 20+10 --with sennit --rounds 1 --sennit PROGRAM       one scenario of one build, 20 seconds
#   sudo scripts/compare.sh --help
set -eu
cd "$(dirname "$0")/.."

scripts/deps.sh
exec bench/aggregation.py "$@"
