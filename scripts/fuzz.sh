#!/bin/sh
# Fuzzes every parser: scripts/fuzz.sh [SECONDS] [TARGET…]
# Builds the preset `fuzz` and runs each target (default: all) for SECONDS (default 60) from a copy of its committed
# corpus. Prints a line per target. A finding makes it fail; the input is kept under build/fuzz-findings/TARGET.
set -eu

cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
case $seconds in
  '' | *[!0-9]*)
    echo "fuzz.sh: '$seconds' is not a number of seconds; usage: scripts/fuzz.sh [SECONDS] [TARGET…]" >&2
    exit 2
    ;;
esac

if [ $# -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do
    source=${source##*/}
    set -- "$@" "${source%_fuzz.cpp}"
  done
fi
programs=
for target in "$@"; do
  if [ ! -f "tests/fuzz/${target}_fuzz.cpp" ]; then
    echo "fuzz.sh: no target '$target'; targets are the names in tests/fuzz/NAME_fuzz.cpp" >&2
    exit 2
  fi
  programs="$programs fuzz_$target"
done

cmake --preset fuzz >/dev/null
# shellcheck disable=SC2086  # the list is meant to be split
cmake --build --preset fuzz --target $programs

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
status=0
for target in "$@"; do
  program=build/fuzz/tests/fuzz/fuzz_$target
  findings=build/fuzz-findings/$target
  mkdir -p "$scratch/$target" "$findings"
  if [ -d "tests/fuzz/corpus/$target" ]; then
    cp -r "tests/fuzz/corpus/$target/." "$scratch/$target"
  fi
  log=$findings/log
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$findings/" "$scratch/$target" >"$log" 2>&1; then
    result='nothing found'
  else
    result="FOUND, see $findings"
    status=1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  printf '%-20s %12s runs   %s\n' "$target" "${runs:-?}" "$result"
done
exit $status
