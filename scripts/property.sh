#!/bin/sh
# Cuts and joins random superpackets in great numbers, optimised and without sanitizers.
#   scripts/property.sh [PACKETS]      default 100000000; SENNIT_PROPERTY_SEED=NUMBER chooses which (default 1)
set -eu
cd "$(dirname "$0")/.."
packets=${1:-100000000}
case $packets in
  '' | *[!0-9]*)
    echo "property.sh: '$packets' is not a number of packets; usage: scripts/property.sh [PACKETS]" >&2
    exit 2
    ;;
esac

mkdir -p build
log=build/property-build.log
if ! { cmake -S . -B build/property -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 &&
  cmake --build build/property --target property_tests; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "property.sh: the build failed, see $log" >&2
  exit 1
fi
SENNIT_PROPERTY_PACKETS=$packets build/property/tests/property/property_tests
