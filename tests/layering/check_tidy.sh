#!/bin/sh
# clang-tidy over src with the checks of .clang-tidy. A file is checked again only when it, what it includes, the checks
# or the installed packages changed: verdicts are remembered in the user's cache.
#   check_tidy.sh BUILD_DIRECTORY
set -eu
build=$1
cd "$(dirname "$0")/../.."
command -v clang-tidy >/dev/null || { echo "SKIP: clang-tidy is not installed (scripts/deps.sh installs it)"; exit 77; }
exec python3 -B tests/layering/run_tidy.py "$build"
