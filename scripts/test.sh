#!/bin/sh
# Installs what is needed, builds Sennit with sanitizers, runs every test, and counts what was skipped and why.
#   sudo scripts/test.sh [PRESET] [ctest options]      PRESET: asan (default), tsan, debug, clang, coverage
set -eu
cd "$(dirname "$0")/.."

preset=asan
case "${1:-}" in
  asan | tsan | debug | clang | coverage) preset=$1; shift ;;
esac

scripts/deps.sh
cmake --preset "$preset"
cmake --build --preset "$preset"

log=build/$preset/Testing/Temporary/LastTest.log
status=0
ctest --preset "$preset" --parallel "$(nproc)" "$@" || status=$?

echo
echo "Skipped, with the reason each test gave:"
skipped=0
if [ -f "$log" ]; then
  # GoogleTest prints "FILE:LINE: Skipped" and the reason on the next line; scripts print "SKIP: reason".
  reasons=$(awk '/^SKIP: / { sub(/^SKIP: /, ""); print } /: Skipped$/ { getline; print }' "$log")
  if [ -n "$reasons" ]; then
    printf '%s\n' "$reasons" | sed 's/^/  /'
    skipped=$(printf '%s\n' "$reasons" | wc -l)
  fi
fi
echo "$skipped skipped."
exit "$status"
