#!/bin/sh
# Every C++ file is laid out as .clang-format says.
set -eu
cd "$(dirname "$0")/../.."
command -v clang-format >/dev/null || { echo "SKIP: clang-format is not installed (scripts/deps.sh installs it)"; exit 77; }
find src tests bench \( -name '*.cpp' -o -name '*.hpp' \) -print0 | xargs -0 clang-format --dry-run --Werror
