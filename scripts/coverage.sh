#!/bin/sh
# Line coverage of src/common by all tests; fails below 85 %.   sudo scripts/coverage.sh
set -eu
cd "$(dirname "$0")/.."
scripts/test.sh coverage -E '^(tidy|format|layering|netns.soak)$'
gcovr --root . --filter src/common --print-summary --fail-under-line 85 --sort-percentage build/coverage
