#!/bin/sh
# Runs shaping.py, or a test of it, under Debian's kernel; says SKIP where that machine cannot be had. It measures by the
# clock of an emulated machine, which a host that is busy holds up: it is run where it is asked for.
#   SENNIT_VM_TESTS=1 SENNIT=build/debug/src/sennit tests/vm/shaping.sh [TEXT]
set -eu
[ -n "${SENNIT_VM_TESTS:-}" ] || { echo "SKIP: tc under Debian's kernel, two minutes of an emulated machine: set SENNIT_VM_TESTS=1"; exit 77; }
folder=$(cd "$(dirname "$0")" && pwd)
why=$("$folder/debian-kernel-run" --ready 2>&1) || { echo "SKIP: no machine with Debian's kernel: $(echo "$why" | tail -n 1)"; exit 77; }
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
# The machine's clock goes on while other work has the CPU: it goes first, where that is allowed.
first=
! chrt --rr 1 true 2>/dev/null || first='chrt --rr 1'
SENNIT=$program $first "$folder/debian-kernel-run" --timeout 280 --mem 1G -- /usr/bin/python3 -B "$folder/shaping.py" "$@"
