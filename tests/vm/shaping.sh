#!/bin/sh
# Runs shaping.py, or a test of it, under Debian's kernel; says SKIP where that machine cannot be had. Its clock is a virtual
# one, so that a busy host makes the run longer and changes nothing that is measured.
#   SENNIT=build/debug/src/sennit tests/vm/shaping.sh [TEXT]
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
why=$("$folder/debian-kernel-run" --ready 2>&1) || { echo "SKIP: no machine with Debian's kernel: $(echo "$why" | tail -n 1)"; exit 77; }
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
# Before other work of this machine, where that is allowed: else it takes the longer the busier the machine is.
first=
! chrt --rr 1 true 2>/dev/null || first='chrt --rr 1'
SENNIT=$program $first "$folder/debian-kernel-run" --virtual-time --timeout 430 --mem 1G -- /usr/bin/python3 -B "$folder/shaping.py" "$@"
