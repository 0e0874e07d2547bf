#!/bin/sh
# Runs a command that needs the program in the emulated machine (debian-kernel-run), as quickly as this host allows.
#   SENNIT=PROGRAM tests/vm/emulated.sh [OPTION OF debian-kernel-run]... -- COMMAND...      SENNIT is another file in there
set -eu
: "${SENNIT:?names the program}"
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
# Before other work of this host, where that is allowed: without a virtual clock the machine's goes on while others have the CPU.
first=
! chrt --rr 1 true 2>/dev/null || first='chrt --rr 1'
SENNIT=$program $first "$(dirname "$0")/debian-kernel-run" --mem 1G "$@"
