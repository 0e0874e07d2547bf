#!/bin/sh
# Prints, for ten stock profiles, what is configured against what is measured: through the tunnel, through `sennit shaper`, and by plain
# tc typed by hand; in one run under Debian's kernel in an emulated machine. The table in docs/impairment.md is its.
#   sudo scripts/shaping_table.sh [PROGRAM]      PROGRAM: build/release/src/sennit by default
set -eu
cd "$(dirname "$0")/.."
SENNIT=${1:-build/release/src/sennit} exec tests/vm/emulated.sh --timeout 1200 -- /usr/bin/python3 -B tests/vm/shaping_table.py
