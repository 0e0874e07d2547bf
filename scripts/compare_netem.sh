#!/bin/sh
# netem beside Sennit under Debian's own kernel, in an emulated machine: prints one table (bench/compare_netem.py).
#   SENNIT=build/release/src/sennit scripts/compare_netem.sh [--only TEXT[,TEXT...]]
set -eu
cd "$(dirname "$0")/.."
exec tests/vm/emulated.sh --timeout 3000 -- /usr/bin/python3 -B bench/compare_netem.py "$@"
