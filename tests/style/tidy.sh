#!/bin/sh
# tidy.sh SOURCE BUILD: run-clang-tidy over our programs with the project's .clang-tidy; any warning fails. Skips with 77.
set -eu
command -v run-clang-tidy >/dev/null || { echo 'SKIPPED: no run-clang-tidy'; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$1"
run-clang-tidy -quiet -p "$2" '/(sanitizer|cli|milter)/.*\.c$' >"$log" 2>/dev/null || true
! grep -E '(warning|error):' "$log" || exit 1
files=$(grep -c '^clang-tidy' "$log") && echo "tidy: $files files without a warning"
