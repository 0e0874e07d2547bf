#!/bin/sh
# Prints, for ten stock profiles, what is configured against what is measured: through the tunnel, through `sennit shaper`, and by plain
# tc typed by hand; in one run under Debian's kernel in an emulated machine (about eight minutes). The table in docs/impairment.md is its.
#   sudo scripts/shaping_table.sh [PROGRAM]      PROGRAM: build/release/src/sennit by default
set -eu
cd "$(dirname "$0")/.."
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "${1:-build/release/src/sennit}"
chmod 755 "$program"
first=
! chrt --rr 1 true 2>/dev/null || first='chrt --rr 1'
SENNIT=$program $first tests/vm/debian-kernel-run --timeout 1200 --mem 1G -- /usr/bin/python3 -B tests/vm/shaping_table.py
