#!/bin/sh
# netem beside Sennit under Debian's own kernel, in an emulated machine: prints one table (bench/compare_netem.py); its part about
# delays alone takes four minutes on an idle host. Without KVM that machine is slow and its clock rough: shares are exact; delays come out a millisecond or
# more above what they are, the tunnel's most, since it wakes a process for each.
#   SENNIT=build/release/src/sennit scripts/compare_netem.sh [--only TEXT[,TEXT...]]
set -eu
cd "$(dirname "$0")/.."
: "${SENNIT:?names the program to compare}"
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
# The machine's clock goes on while other work has the CPU: it goes first, where that is allowed.
first=
! chrt --rr 1 true 2>/dev/null || first='chrt --rr 1'
SENNIT=$program $first tests/vm/debian-kernel-run --timeout 3000 --mem 1G -- /usr/bin/python3 -B bench/compare_netem.py "$@"
