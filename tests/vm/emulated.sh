#!/bin/sh
# Runs a command that needs the program in the emulated machine (debian-kernel-run). Its clock is a virtual one, so that a busy host
# makes the run longer and changes nothing that is measured; what the tests start while they measure is in its memory.
#   SENNIT=PROGRAM tests/vm/emulated.sh [OPTION OF debian-kernel-run]... -- COMMAND...      SENNIT is another file in there
set -eu
: "${SENNIT:?names the program}"
# Without what is there for debuggers it is read in a tenth of the time.
program=$(mktemp)
trap 'rm -f "$program"' EXIT
strip -o "$program" "$SENNIT"
chmod 755 "$program"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for file in "$program" ip tc nft ethtool ping modinfo rmmod /etc/ld.so.cache /etc/group /etc/passwd /etc/nsswitch.conf \
  $(find /etc/iproute2 -maxdepth 1 -type f 2>/dev/null); do
  set -- --preload "$file" "$@"
done
SENNIT=$program "$(dirname "$0")/debian-kernel-run" --virtual-time --mem 1G "$@"
