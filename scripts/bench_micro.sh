#!/bin/sh
# Builds the microbenchmarks (preset bench) and prints one line each: packets/s, ns and cycles a packet. Less than a
# minute once it is built. Figures are medians; compare ratios within one run. Usage: bench_micro.sh [FILTER]
set -eu
cd "$(dirname "$0")/.."

mkdir -p build
log=build/bench.log
if ! { cmake --preset bench && cmake --build --preset bench --target micro; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

build/bench/bench/micro/micro --benchmark_filter="${1:-.}" --benchmark_min_time=0.1 --benchmark_format=csv 2>/dev/null |
  awk -F, '
    $1 == "name" {
      for (i = 1; i <= NF; i++) { gsub(/"/, "", $i); column[$i] = i }
      printf "%-56s %13s %10s %14s\n", "benchmark", "packets/s", "ns/packet", "cycles/packet"
      next
    }
    {
      gsub(/"/, "", $1)
      sub(/\/manual_time$/, "", $1)
      if ($column["error_occurred"] == "true") { printf "%-56s does not work here\n", $1; next }
      cycles = "cycles/packet" in column ? sprintf("%.1f", $column["cycles/packet"]) : "-"
      printf "%-56s %13.0f %10.1f %14s\n", $1, $column["packets/s"], $column["ns/packet"], cycles
    }'
