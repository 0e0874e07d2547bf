#!/bin/sh
# netem beside Sennit under Debian's own kernel, in an emulated machine: prints one table (bench/compare_netem.py). The machine's
# clock is a virtual one, so that a busy host makes the run longer and changes nothing that is measured.
#   SENNIT=build/release/src/sennit scripts/compare_netem.sh [--only TEXT[,TEXT...]]
set -eu
cd "$(dirname "$0")/.."
: "${SENNIT:?names the program to compare}"
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
SENNIT=$program tests/vm/debian-kernel-run --virtual-time --timeout 3000 --mem 1G -- /usr/bin/python3 -B bench/compare_netem.py "$@"
