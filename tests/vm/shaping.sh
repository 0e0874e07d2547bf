#!/bin/sh
# Runs shaping.py, or a test of it, under Debian's kernel; says SKIP where that machine cannot be had.
#   SENNIT=build/debug/src/sennit tests/vm/shaping.sh [TEXT]
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
why=$("$folder/debian-kernel-run" --ready 2>&1) || { echo "SKIP: no machine with Debian's kernel: $(echo "$why" | tail -n 1)"; exit 77; }
exec "$folder/emulated.sh" --timeout 880 -- /usr/bin/python3 -B "$folder/shaping.py" "$@"
